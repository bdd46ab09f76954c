using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>Distillation, averaged weights, batch norms estimated anew, freezing and dampening, all in one run.</summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class TechniquesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(2, OptimizerKind.Sgd, "gaussian")]
    [InlineData(4, OptimizerKind.Adam, "learned")]
    [InlineData(1, OptimizerKind.Sgd, "mean_abs")]
    public void A_run_with_all_of_them_continues_to_the_same_bits(int bits, OptimizerKind optimizer, string scale)
    {
        Graph graph = TinyRun.Network(bits, scale: WeightScale.All.Single(known => known.Name == scale));
        string teacher = Teacher();
        RunOptions All(string name) => WithAll(name, teacher) with { Optimizer = new() { Name = optimizer, LearningRate = 0.01 } };

        RunFiles.AssertSame(TinyRun.Train(All("whole"), graph), TinyRun.TrainInParts(All("parts"), graph));
    }

    [Fact]
    public void Their_tensors_do_not_outlive_a_step()
    {
        RunOptions options = WithAll("run", Teacher());
        var watcher = new LiveTensors();
        TinyRun.Train(options with { Training = options.Training with { Epochs = 8 } }, observer: watcher);

        Assert.Equal(8, watcher.Counts.Count);
        Assert.All(watcher.Counts.Skip(2), live => Assert.Equal(watcher.Counts[1], live));
    }

    [Fact]
    public void Memory_is_counted_before_it_is_asked_for()
    {
        Graph graph = TinyRun.Network();
        long weights = MemoryNeed.OfWeights(graph);

        Assert.Equal(0, Techniques.Bytes(graph, new()));
        Assert.Equal(weights, Techniques.Bytes(graph, new() { Training = new() { EmaDecay = 0.9 } }));
        Assert.Equal(weights / 4 * 12, Techniques.Bytes(graph, new() { Oscillation = new() { FreezeThreshold = 0.1 } }));
    }

    [Fact]
    public void Layers_whose_weights_are_normalized_are_neither_frozen_nor_dampened_and_the_run_says_so()
    {
        Graph normalized = TinyRun.Network(bits: null).Quantize(new() { WeightBitWidth = 2, ActivationBitWidth = 4, WeightNormalization = WeightNormalization.Channel });
        RunOptions options = new() { Oscillation = new() { FreezeThreshold = 0.1 } };
        using DatasetSplits data = TinyRun.Data();

        using var none = new Techniques(options, normalized, data.Info);
        using var some = new Techniques(options, TinyRun.Network(), data.Info);

        Assert.Equal(["The section oscillation has no effect: no layer of this network has weights of 4 bits or fewer without weight_normalization"], none.Notices);
        Assert.Null(none.Result);
        Assert.Empty(some.Notices);
    }

    string Teacher() => TinyRun.Train(TinyRun.Options(folder.Path, "teacher"), TinyRun.Network(bits: null)).Path;

    RunOptions WithAll(string name, string teacher)
    {
        RunOptions options = TinyRun.Options(folder.Path, name);
        return options with
        {
            Distillation = new() { Teacher = teacher },
            Oscillation = new() { FreezeThreshold = 0.02, FreezeMomentum = 0.1, Dampening = 0.01 },
            Training = options.Training with { EmaDecay = 0.9, BatchNormBatches = 2 },
        };
    }

    sealed class LiveTensors : SilentObserver
    {
        public List<long> Counts { get; } = [];

        public override void EpochFinished(EpochResult result, bool isBest)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Counts.Add(TorchSharp.torch.Tensor.TotalCount);
        }
    }
}
