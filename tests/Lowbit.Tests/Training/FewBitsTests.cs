using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>
/// A model, two bit widths, <c>dataset: digits</c>, eight epochs and nothing else: every network learns, at every width. docs/benchmarks.md has the figures.
/// </summary>
[Collection(nameof(AloneCollection))]
public sealed class FewBitsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static readonly string[] Accurate = ["cnv", "resnet20", "vgg11", "resnet18"], Mobile = ["mobilenetv1", "mobilenetv2"], Deep = ["resnet110", "resnet50", "vgg19"];

    static readonly string[] Others = ["resnet8", "resnet32", "resnet44", "resnet56", "resnet34", "resnet101", "resnet152", "vgg13", "vgg16"];

    public static TheoryData<string, int> Whole =>
        [.. from model in (string[])[.. Accurate, .. Mobile, .. Deep] from bits in new[] { 1, 2, 4, 32 } select (model, bits)];

    public static TheoryData<string> Once => [.. Others];

    [Theory, MemberData(nameof(Whole))]
    public void A_network_of_any_width_learns_digits_with_all_else_default(string model, int bits)
    {
        Assert.SkipUnless(LongTests.AreWanted, LongTests.Reason);
        EpochResult last = Train(model, bits, epochs: 8);
        double test = Accurate.Contains(model) ? bits == 1 ? 0.90 : 0.95 : Mobile.Contains(model) ? bits == 1 ? 0 : bits == 2 ? 0.80 : 0.90 : 0;
        double training = Deep.Contains(model) ? bits == 1 ? 0.60 : 0.80 : 0;
        Assert.True(last.Test!.Top1 >= test && last.Train.Top1 >= training, $"{model} at {bits} bits: training {last.Train.Top1:P2}, test {last.Test.Top1:P2}");
    }

    [Theory, MemberData(nameof(Once))]
    public void Every_other_network_trains_an_epoch_at_one_bit(string model)
    {
        Assert.SkipUnless(LongTests.AreWanted, LongTests.Reason);
        Assert.True(double.IsFinite(Train(model, bits: 1, epochs: 1).Train.Loss));
    }

    [Theory]
    [InlineData("cnv", 1, 2, 32, 0.4)]
    [InlineData("cnv", 2, 2, 32, 0.5)]
    [InlineData("resnet20", 1, 4, 16, 0.3)]
    [InlineData("resnet20", 2, 3, 16, 0.4)]
    [InlineData("mobilenetv1", 2, 5, 32, 0.2)]
    [InlineData("resnet20", 1, 8, 16, 0.6)]   // half of them float
    public void Half_of_the_epochs_are_enough_to_see_it(string model, int bits, int epochs, int imageSize, double training)
    {
        Assert.SkipUnless(LongTests.AreWantedInTheGate, LongTests.GateReason);
        Assert.InRange(Train(model, bits, epochs, imageSize).Train.Top1, training, 1);
    }

    [Fact]
    public void The_squared_hinge_loss_trains_as_well()
    {
        Assert.SkipUnless(LongTests.AreWantedInTheGate, LongTests.GateReason);
        Assert.InRange(Train("cnv", bits: 2, epochs: 2, imageSize: null, new() { Name = LossKind.SqrHinge }).Train.Top1, 0.4, 1);
    }

    /// <summary>The last epoch of a run; 32 bits stand for the float twin.</summary>
    EpochResult Train(string model, int bits, int epochs, int? imageSize = null, LossOptions? loss = null) => TrainingRun.Run(
        new RunConfiguration
        {
            Model = new() { Name = bits == 32 ? model : $"quant_{model}" },
            Dataset = new() { Name = "digits", ImageSize = imageSize },
            Quantization = bits == 32 ? new() : new() { WeightBitWidth = bits, ActBitWidth = bits },
            Loss = loss ?? new(),
            Training = new() { Epochs = epochs },
            Checkpoint = new() { Dir = folder.Path },
        },
        new NoObserver(), TestContext.Current.CancellationToken).Epochs[^1];
}
