using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>What training keeps, elsewhere than on the CPU: on torch's device without values, which refuses to be read and tensors of two devices in one operation.</summary>
public class OtherDeviceTests
{
    static readonly Device Elsewhere = new(DeviceType.META);

    [Theory]
    [InlineData(OptimizerKind.Sgd), InlineData(OptimizerKind.Adam)]
    public void An_optimizer_s_state_that_was_read_on_the_CPU_goes_where_the_parameters_are(OptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        using Network before = QuantizedNetwork(), after = QuantizedNetwork();
        using Optimizer first = Optimizer.Create(before, new() { Name = kind });
        foreach (var (_, parameter) in before.Parameters) parameter.grad = ones_like(parameter);
        first.Step(0.1);
        after.MoveTo(Elsewhere);
        using Optimizer second = Optimizer.Create(after, new() { Name = kind });

        second.Load(first.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));

        Assert.Equal(first.State.Select(entry => entry.Name).Order(), second.State.Select(entry => entry.Name).Order());
        Assert.All(second.State.Where(entry => !entry.Name.EndsWith(".steps")), entry => Assert.Equal(DeviceType.META, entry.Tensor.device_type));
    }

    [Fact]
    public void A_score_that_was_read_on_the_CPU_is_added_to_where_the_logits_are()
    {
        using var scope = NewDisposeScope();
        using var sum = new ScoreSum { State = (64, zeros(3, float64)) };
        sum.Add(zeros(1, device: Elsewhere)[0], zeros(4, 10, device: Elsewhere), zeros(4, int64, device: Elsewhere));

        Assert.Equal(68, sum.Images);
        Assert.Equal(DeviceType.META, sum.State.Sums!.device_type);
    }

    [Fact]
    public void Whether_scales_are_collected_is_known_without_waiting_for_a_device()
    {
        using var scope = NewDisposeScope();
        using Network network = QuantizedNetwork();
        var quantization = network.ActivationOf("relu1.quant");
        network.MoveTo(Elsewhere);

        Assert.True(quantization.CollectsStatistics);
        network.FinishStatistics();
        Assert.False(quantization.CollectsStatistics);
        Assert.All(network.Parameters, entry => Assert.Equal(DeviceType.META, entry.Parameter.device_type));
        Assert.Contains("relu1.quant.threshold.batches", network.State.Select(entry => entry.Name));
    }

    static Network QuantizedNetwork() => new(new GraphBuilder(new Shape(1, 8, 8)).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(3).ToGraph().Quantize(new() { WeightScale = WeightScale.Learned }));
}
