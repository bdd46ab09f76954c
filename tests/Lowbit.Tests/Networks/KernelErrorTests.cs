using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Tests.Models;
using Xunit;

namespace Lowbit.Tests.Networks;

/// <summary>
/// Whether kernels compute less exactly than plain operations: each step of a network from the same inputs, weights and gradients, by kernels and by plain operations in
/// float32, both against plain operations in float64.
/// </summary>
public class KernelErrorTests(ITestOutputHelper output)
{
    const double Most = 1.1, MostInABatch = 1000;

    const int Collected = 8, Learned = 20;   // batches

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Kernels_err_no_more_than_plain_operations_in_any_step() =>
        Compare(TwoPaths.Build(new(new Shape(3, 8, 8)), classes: 10).ToGraph().Quantize(Specification(bits: 4)), batch: 8);

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("quant_resnet20", 2, 8, 16), InlineData("quant_cnv", 1, 32, 4)]
    public void Kernels_err_no_more_than_plain_operations_in_any_step_of_a_model(string model, int bits, int imageSize, int batch) => Compare(Model(model, bits, imageSize), batch);

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData("quant_resnet20", 4, 8, 16), InlineData("quant_cnv", 2, 32, 4), InlineData("quant_resnet20", 4, 32, 64), InlineData("quant_resnet20", 2, 32, 64), InlineData("quant_cnv", 2, 32, 32)]
    public void Kernels_err_no_more_than_plain_operations_in_any_step_of_other_models_and_sizes(string model, int bits, int imageSize, int batch) => Compare(Model(model, bits, imageSize), batch);

    static Graph Model(string model, int bits, int imageSize) =>
        ModelZoo.Build(new(model, new Shape(3, imageSize, imageSize), 10) { Normalization = new([128], [64]) }, Specification(bits));

    /// <summary>Scales that start from percentiles: those of least error are chosen among fractions of the largest value, and another choice is no error of a kernel.</summary>
    static QuantizationSpec Specification(int bits) => new() { WeightBitWidth = bits, ActivationBitWidth = bits, ActivationScale = ActivationScale.Learned, CollectStatisticsSteps = Collected };

    /// <summary>Scales that are made of a batch, and gradients of thresholds, are one value each: too few in one step, so they are compared over all steps.</summary>
    void Compare(Graph graph, int batch)
    {
        var run = StepErrors.Of(graph, Collected + Learned, batch);
        var (errors, (byKernels, byPlain)) = (run.Errors, run.RoundedOtherwise);

        output.WriteLine($"rounded otherwise than in float64, by kernels alone {byKernels}, by plain operations alone {byPlain}");
        var quantities = errors.GroupBy(entry => entry.Key.Quantity).Select(group => (Name: group.Key, Steps: group.ToArray(), All: ErrorSum.Over(group.Select(entry => entry.Value)))).ToArray();
        foreach (var (name, steps, all) in quantities)
        {
            var (worst, ratio) = steps.Select(entry => (entry.Key.Step, entry.Value.Ratio)).MaxBy(entry => entry.Ratio);
            output.WriteLine($"{name,-24} {steps.Length,3} steps, kernels' error to plain operations': {all.Ratio:f3} over all, {ratio:f3} at most ({worst})");
        }
        foreach (var (key, sum) in errors)
            output.WriteLine($"{key.Step,-40} {key.Quantity,-24} kernels {sum.Kernels:e2} plain {sum.Plain:e2} ratio {sum.Ratio:f3}");
        Assert.InRange(byKernels, 0, Most * byPlain + 3 * Math.Sqrt(byKernels + byPlain + 1));   // the difference of two counts scatters by the root of their sum
        Assert.All(quantities, quantity => Assert.True(quantity.All.Ratio <= Most, $"{quantity.Name}: {quantity.All.Ratio:f3}"));
        Assert.All(errors.Where(entry => entry.Key.Quantity is not ("scale" or "gradient of value")), entry => Assert.True(entry.Value.Ratio <= Most, $"{entry.Key}: {entry.Value.Ratio:f3}"));
        Assert.All(errors, entry => Assert.True(entry.Value.Worst <= MostInABatch, $"{entry.Key} in one batch: {entry.Value.Worst:f1}"));
    }
}
