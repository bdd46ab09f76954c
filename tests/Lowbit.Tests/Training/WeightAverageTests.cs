using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class WeightAverageTests : IDisposable
{
    const string Trained = "network/";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Weights_scales_and_statistics_are_averaged_and_counters_and_collected_scales_are_taken(double decay)
    {
        const int steps = 20, collecting = 3;
        using var scope = NewDisposeScope();
        using var network = new Network(TinyRun.Network(scale: WeightScale.Learned));
        using var average = new WeightAverage(decay);
        average.Begin(network);
        Dictionary<string, double[]> expected = Numbers(network);
        for (int step = 1; step <= steps; step++)
        {
            average.BeginStep(0);
            network.forward(randint(0, 256, [4, 1, 8, 8], dtype: uint8));   // moves statistics, and scales while they are collected
            using (no_grad())
                foreach (var (name, parameter) in network.Parameters.Where(entry => step > collecting || !network.IsQuantizerParameter(entry.Name))) parameter.mul_(CachedScalar.Of(1.01));
            average.AfterStep();

            double keep = Math.Min(decay, (1.0 + step) / (10 + step));
            foreach (var (name, now) in Numbers(network))
            {
                bool isTaken = name.EndsWith(".batches", StringComparison.Ordinal) || (step <= collecting && IsActivation(network, name));
                expected[name] = [.. expected[name].Zip(now, (mean, value) => isTaken ? value : keep * mean + (1 - keep) * value)];
            }
        }

        foreach (var (name, mean) in average.Network.State) Close.Assert(tensor(expected[name]), mean.contiguous(), 1e-5, name);
        Assert.Contains(expected.Keys, name => name.StartsWith("conv1.weight_quantizer.", StringComparison.Ordinal));
        Assert.NotEqual(Numbers(network)["conv1.weight"], Numbers(average.Network)["conv1.weight"]);
        Assert.Equal(collecting, Numbers(average.Network).First(entry => entry.Key.EndsWith(".batches", StringComparison.Ordinal)).Value[0]);
    }

    [Fact]
    public void The_averages_are_evaluated_and_in_every_checkpoint_and_the_training_is_the_same()
    {
        RunFolder without = TinyRun.Train(TinyRun.Options(folder.Path, "without")), with = TinyRun.Train(Options("with"));

        Dictionary<string, string> trained = StateOfRun.Techniques(with).Where(entry => entry.Key.StartsWith(Trained, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[Trained.Length..], entry => entry.Value);
        Assert.Equal(StateOfRun.Network(without), trained);
        Assert.NotEqual(StateOfRun.Network(with), trained);
        Assert.Equal(Loss(with.Latest), MetricsFile.Read(with.Metrics, 3)[^1].Test!.Loss, 1e-6);
        Assert.NotEqual(Loss(without.Latest), Loss(with.Latest), 1e-4);
        using Checkpoint best = Checkpoint.Read(with.Best);
        Assert.NotEmpty(best.TechniqueState);
    }

    [Fact]
    public void A_run_continues_to_bit_identical_averages_and_weights() =>
        RunFiles.AssertSame(TinyRun.Train(Options("whole")), TinyRun.TrainInParts(Options("parts")));

    [Fact]
    public void A_checkpoint_whose_weights_in_training_are_gone_or_damaged_is_one_sentence()
    {
        RunFolder run = TinyRun.Train(Options("run") with { Training = new() { Epochs = 1, BatchSize = 16, EmaDecay = 0.9 } });

        Assert.Contains("does not hold the weights that training.ema_decay averages", Refused(tensors => tensors.Remove("training/average.steps")), StringComparison.Ordinal);
        Assert.Contains("conv1.weight is not in it", Refused(tensors => tensors.Remove("training/network/conv1.weight")), StringComparison.Ordinal);
        Assert.Contains("conv1.weight is [1] there", Refused(tensors => tensors["training/network/conv1.weight"] = ones(1)), StringComparison.Ordinal);

        string Refused(Action<Dictionary<string, Tensor>> change)
        {
            string changed = SmallRun.Changed(run.Latest, change);
            RunOptions options = Options("run") with { Training = new() { Epochs = 2, BatchSize = 16, EmaDecay = 0.9 } };
            return Assert.ThrowsAny<LowbitException>(() => TinyRun.Train(options with { Checkpoint = options.Checkpoint with { Resume = changed } })).Message;
        }
    }

    RunOptions Options(string name)
    {
        var options = TinyRun.Options(folder.Path, name);
        return options with { Training = options.Training with { EmaDecay = 0.9 } };
    }

    static double Loss(string checkpoint)
    {
        using Checkpoint read = Checkpoint.Read(checkpoint);
        using Network network = read.BuildNetwork();
        using DatasetSplits data = TinyRun.Data();
        return Evaluation.Of(network, data.EvaluationLoader(data.Test, 16).Epoch(0), Losses.Create(new())).Score.Loss;
    }

    static bool IsActivation(Network network, string name) => network.Graph.Nodes.OfType<Quantize>().Any(node => name.StartsWith(node.Name + ".", StringComparison.Ordinal));

    static Dictionary<string, double[]> Numbers(Network network) =>
        network.State.ToDictionary(entry => entry.Name, entry => entry.Tensor.detach().to(float64).contiguous().data<double>().ToArray());
}
