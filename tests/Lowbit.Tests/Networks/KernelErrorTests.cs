using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Xunit;

namespace Lowbit.Tests.Networks;

/// <summary>
/// Whether kernels compute less exactly than plain operations: each step of a network from the same inputs, weights and gradients, by kernels and by plain operations in
/// float32, both against plain operations in float64.
/// </summary>
public class KernelErrorTests(ITestOutputHelper output)
{
    const double Most = 1.1;

    [Theory]
    [InlineData("quant_resnet20", 4, 8, 4), InlineData("quant_resnet20", 2, 8, 4)]
    public void Kernels_err_no_more_than_plain_operations_in_any_step(string model, int bits, int imageSize, int batch) => Compare(model, bits, imageSize, batch);

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("quant_cnv", 2, 32, 4), InlineData("quant_cnv", 1, 32, 4)]
    public void Kernels_err_no_more_than_plain_operations_in_any_step_of_a_wider_network(string model, int bits, int imageSize, int batch) => Compare(model, bits, imageSize, batch);

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData("quant_resnet20", 4, 32, 64), InlineData("quant_resnet20", 2, 32, 64), InlineData("quant_cnv", 2, 32, 32)]
    public void Kernels_err_no_more_than_plain_operations_in_any_step_at_full_size(string model, int bits, int imageSize, int batch) => Compare(model, bits, imageSize, batch);

    void Compare(string model, int bits, int imageSize, int batch)
    {
        Graph graph = ModelZoo.Build(
            new(model, new Shape(3, imageSize, imageSize), 10) { Normalization = new([128], [64]) },
            new() { WeightBitWidth = bits, ActivationBitWidth = bits, CollectStatisticsSteps = 5 });
        IReadOnlyDictionary<(string Step, string Quantity), ErrorSum> errors = StepErrors.Of(graph, batches: 20, batch);

        foreach (var kind in errors.GroupBy(entry => entry.Key.Quantity))
            output.WriteLine($"{kind.Key,-24} {kind.Count(),3} steps, kernels' error to plain operations': {ErrorSum.Over(kind.Select(entry => entry.Value)).Ratio:f3} over all, {kind.Max(entry => entry.Value.Ratio):f3} at most ({kind.MaxBy(entry => entry.Value.Ratio).Key.Step})");
        foreach (var (key, sum) in errors)
            output.WriteLine($"{key.Step,-40} {key.Quantity,-24} kernels {sum.Kernels:e2} plain {sum.Plain:e2} ratio {sum.Ratio:f3}");
        Assert.All(errors, entry => Assert.True(entry.Value.Ratio <= Most, $"{entry.Key}: {entry.Value.Ratio:f3}"));
    }
}
