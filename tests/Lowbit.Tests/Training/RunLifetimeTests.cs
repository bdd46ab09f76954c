using System.Reflection;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>A run releases its tensors, its dataset and its optimizer, also when it ends early.</summary>
[Collection(nameof(AloneCollection))]   // it counts the tensors of the process
public sealed class RunLifetimeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_cannot_begin_keeps_no_tensors()
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path) with { Model = new() { Name = "quant_resnet20", Pretrained = folder["absent"] } };
        Graph graph = ConfiguredModel.Build(configuration, Datasets.Describe(configuration.Dataset));
        long network = Growth(() => new Network(graph).Dispose());   // what torch's initialization leaves to the collector
        long run = Growth(() => Assert.Throws<LowbitException>(() => TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None)));
        Assert.InRange(run - network, long.MinValue, 20);

        static long Growth(Action action)
        {
            action();   // what lives as long as the process is there now
            long before = Tensor.TotalCount;
            action();
            return Tensor.TotalCount - before;
        }
    }

    [Fact]
    public void A_run_that_is_cancelled_within_an_evaluation_goes_on_from_there_to_the_same_end()
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path) with { Training = new() { BatchSize = 32, Epochs = 2 } };
        RunResult whole = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        using var source = new CancellationTokenSource();
        RunResult stopped = TrainingRun.Run(configuration, new Canceller(source, epoch: 2), source.Token);

        Assert.True(stopped.Interrupted);
        Assert.Equal((1, 3), (stopped.Position.Epoch, stopped.Position.Batch));
        RunResult resumed = TrainingRun.Run(
            configuration with { Checkpoint = configuration.Checkpoint with { Resume = stopped.Folder!.Path } }, new SilentObserver(), CancellationToken.None);

        Assert.Equal(whole.Epochs.Select(epoch => (epoch.Train, epoch.Test)), resumed.Epochs.Select(epoch => (epoch.Train, epoch.Test)));
        using Safetensors expected = Safetensors.Read(whole.Folder!.Latest), actual = Safetensors.Read(resumed.Folder!.Latest);
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        Assert.All(expected.Tensors, entry => Assert.True(entry.Value.bytes.SequenceEqual(actual.Tensors[entry.Key].bytes), entry.Key));
    }

    [Fact]
    public void Calibration_of_pretrained_weights_ends_when_it_is_cancelled()
    {
        RunConfiguration floats = SmallRun.Configuration(folder.Path, "resnet20"), quantized = SmallRun.Configuration(folder.Path);
        RunResult trained = TrainingRun.Run(floats, new SilentObserver(), CancellationToken.None);
        using DatasetSplits data = Datasets.Open(quantized.Dataset);
        using var network = new Network(ConfiguredModel.Build(quantized, data.Info));
        network.train();

        Assert.Throws<OperationCanceledException>(() =>
            PretrainedWeights.Load(network, trained.Folder!.Latest, data, quantized, new SilentObserver(), new CancellationToken(canceled: true)));
        Assert.True(network.training);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Adamw)]
    public void A_learning_rate_is_not_kept_when_its_step_is_over(OptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        using var network = new Network(new GraphBuilder(new Shape(1, 2, 2)).Flatten().Linear(2).ToGraph());
        using Optimizer optimizer = Optimizer.Create(network, new() { Name = kind, WeightDecay = 0.5 });
        const double rate = 0.0123456789;
        network.forward(ones(1, 1, 2, 2)).sum().backward();
        optimizer.Step(rate);

        var kept = (System.Collections.IDictionary)typeof(CachedScalar).GetField("Reals", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        Assert.All(new[] { rate, -rate, 1 - rate * 0.5, -rate / (1 - 0.9) }, value => Assert.False(kept.Contains(value), $"{value} is kept"));
        Assert.True(kept.Contains(0.5));   // the decay is, which does not change
    }

    [Fact]
    public void Test_vectors_are_computed_in_batches_the_smaller_the_larger_the_images_are()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(32, LargestBatch(8, 80));
        Assert.Equal(2, LargestBatch(224, 3));
    }

    long LargestBatch(int size, int images)
    {
        using var network = new Network(new GraphBuilder(new Shape(1, size, size)).Conv(1, kernel: 3, stride: 2).Relu().GlobalAveragePool().Flatten().Linear(3).ToGraph());
        network.eval();
        long largest = 0;
        network.NodeFinished = (_, value) =>
        {
            largest = Math.Max(largest, value.shape[0]);
            return value;
        };
        using var batch = new Batch(0, randint(0, 256, [images, 1, size, size], dtype: uint8), zeros(images, int64));
        TestVectors.Write(network, folder["vectors.safetensors"], ExportInput.Pixels, batch, count: 2);
        return largest;
    }

    /// <summary>Cancels when all batches of an epoch are done.</summary>
    sealed class Canceller(CancellationTokenSource source, int epoch) : ITrainingObserver
    {
        public void Downloading(DownloadProgress progress)
        {
        }

        public void Started(RunStart start)
        {
        }

        public void Notice(string message)
        {
        }

        public void Progressed(EpochProgress progress)
        {
            if (progress.Epoch == epoch && progress.Batch == progress.Batches) source.Cancel();
        }

        public void EpochFinished(EpochResult result, bool isBest)
        {
        }
    }
}
