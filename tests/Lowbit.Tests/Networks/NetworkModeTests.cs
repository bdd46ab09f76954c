using Lowbit.Graphs;
using Lowbit.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

[Collection(nameof(Data.AloneCollection))]   // it counts the tensors of the process
public sealed class NetworkModeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Calibration_and_estimation_of_norms_leave_the_mode_as_it_was_also_when_the_images_end_in_an_error(bool training)
    {
        using var scope = NewDisposeScope();
        using Network network = Small();
        network.train(training);
        foreach (Action<IEnumerable<Tensor>> run in new[] { network.Calibrate, (Action<IEnumerable<Tensor>>)network.RecalibrateBatchNorm })
        {
            Assert.Throws<IOException>(() => run(Images(fail: true)));
            Assert.All(network.modules(), module => Assert.Equal(training, module.training));
            run(Images(fail: false));
            Assert.All(network.modules(), module => Assert.Equal(training, module.training));
        }
    }

    [Fact]
    public void Calibration_and_estimation_of_norms_keep_no_tensor_of_a_batch()
    {
        using Network network = Small();
        using Tensor batch = ones(2, 1, 8, 8);
        foreach (Action<IEnumerable<Tensor>> run in new[] { network.Calibrate, (Action<IEnumerable<Tensor>>)network.RecalibrateBatchNorm })
        {
            run([batch]);
            long before = Tensor.TotalCount;
            run([.. Enumerable.Repeat(batch, 20)]);
            Assert.InRange(Tensor.TotalCount - before, long.MinValue, 5);
        }
    }

    [Fact]
    public void The_device_of_a_network_is_where_its_parameters_are()
    {
        using Network network = Small();
        Assert.Equal(DeviceType.CPU, network.Device.type);
        network.to(META);
        Assert.Equal(DeviceType.META, network.Device.type);
    }

    static IEnumerable<Tensor> Images(bool fail)
    {
        yield return ones(2, 1, 8, 8);
        if (fail) throw new IOException("the folder is gone");
    }

    static Network Small() => new(new GraphBuilder(new Shape(1, 8, 8)).Conv(4, kernel: 3).BatchNorm().Relu().Quantize(new ActivationQuantizer(4)).GlobalAveragePool().Flatten().Linear(3).ToGraph());
}
