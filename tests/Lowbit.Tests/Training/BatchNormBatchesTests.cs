using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Networks.Layers;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class BatchNormBatchesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void Statistics_are_the_mean_of_those_of_the_batches_and_nothing_else_changes(int? bits)
    {
        using var scope = NewDisposeScope();
        using var network = new Network(TinyRun.Network(bits));
        Tensor[] batches = [.. Enumerable.Range(0, 4).Select(_ => randint(0, 256, [6, 1, 8, 8], dtype: uint8))];
        network.Calibrate(batches);
        using Network reference = network.Twin();
        reference.eval();
        foreach (BatchNormLayer norm in reference.modules().OfType<BatchNormLayer>()) norm.train();
        var (means, variances) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (Tensor batch in batches)
        {
            var values = new Dictionary<string, Tensor>();
            using (no_grad()) reference.RunNodeByNode(batch, (node, value) => values[node.Name] = value.Value.clone().MoveToOuterDisposeScope());
            foreach (BatchNorm norm in network.Graph.Nodes.OfType<BatchNorm>())
            {
                Tensor x = values[norm.From].to(float64).permute(1, 0, 2, 3).flatten(1);
                Add(means, norm.Name, x.mean([1]));
                Add(variances, norm.Name, x.var(1, unbiased: true));
            }
        }
        Dictionary<string, Tensor> before = network.State.ToDictionary(entry => entry.Name, entry => entry.Tensor.clone());

        network.train();
        network.EstimateBatchNorm(batches);

        Assert.All(network.modules(), module => Assert.True(module.training));
        Assert.All(network.modules().OfType<BatchNormLayer>(), norm => Assert.Equal(0.1, norm.Momentum));
        Assert.Equal(2, means.Count);
        foreach (var (name, now) in network.State)
            if (name.EndsWith(".running_mean", StringComparison.Ordinal)) Close.Assert(means[name[..^13]], now, 1e-4, name);
            else if (name.EndsWith(".running_var", StringComparison.Ordinal)) Close.Assert(variances[name[..^12]], now, 1e-4, name);
            else Assert.True(before[name].equal(now).all().item<bool>(), name);

        void Add(Dictionary<string, Tensor> sums, string name, Tensor value) =>
            sums[name] = (sums.GetValueOrDefault(name) ?? zeros_like(value)).add(value, alpha: CachedScalar.Of(1.0 / batches.Length));
    }

    [Fact]
    public void They_are_evaluated_and_kept_and_the_weights_are_those_of_a_run_without()
    {
        Dictionary<string, string> without = StateOfRun.Network(TinyRun.Train(TinyRun.Options(folder.Path, "without")));
        RunFolder run = TinyRun.Train(Options("with"));

        Dictionary<string, string> with = StateOfRun.Network(run);
        Assert.All(without, entry => Assert.Equal(!entry.Key.Contains(".running_", StringComparison.Ordinal), with[entry.Key] == entry.Value));
        using Checkpoint checkpoint = Checkpoint.Read(run.Latest);
        using Network network = checkpoint.BuildNetwork();
        using DatasetSplits data = TinyRun.Data();
        Assert.Equal(MetricsFile.Read(run.Metrics, 3)[^1].Test!.Loss, Evaluation.Of(network, data.EvaluationLoader(data.Test, 16).Epoch(0), Losses.Create(new())).Score.Loss, 1e-6);
        using (var scope = NewDisposeScope()) network.EstimateBatchNorm(TrainingImages.Of(data, Options(""), 3, CPU, default));
        Assert.Equal(with, network.State.ToDictionary(entry => entry.Name, entry => Convert.ToHexString(entry.Tensor.detach().contiguous().bytes)));
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(0)]
    [InlineData(0.9)]
    public void A_run_continues_to_bit_identical_statistics(double decay)
    {
        RunOptions Averaged(RunOptions options) => options with { Training = options.Training with { EmaDecay = decay } };
        RunFiles.AssertSame(TinyRun.Train(Averaged(Options("whole"))), TinyRun.TrainInParts(Averaged(Options("parts"))));
    }

    RunOptions Options(string name)
    {
        RunOptions options = TinyRun.Options(folder.Path, name);
        return options with { Training = options.Training with { BatchNormBatches = 3 } };
    }
}
