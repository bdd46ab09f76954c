using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public class ChosenDefaultsTests
{
    static string? Of(RunConfiguration configuration) => ChosenDefaults.Of(configuration,
        ModelZoo.Build(new(configuration.Model.Name, new Shape(3, 32, 32), 10), ConfiguredModel.Specification(configuration.Quantization)));

    [Fact]
    public void What_two_bit_widths_leave_open_is_said_in_one_line() => Assert.Equal(
        "Chosen by default: weights by max_abs (8 bits) and gaussian (2 bits); activations by learned_step after 20 batches of statistics; residual branches signed; "
        + "residual streams of 8 bits; warm-up of 1 epoch; gradients of norm 5 at most; those of the last layer of norm 0.5; those of other layers of 0.5 of their weights' norm",
        Of(new() { Model = new() { Name = "quant_resnet20" }, Quantization = new() { WeightBitWidth = 2, ActBitWidth = 2 } }));

    [Fact]
    public void Adam_has_no_limits_of_layers_to_tell() => Assert.Equal(
        "Chosen by default: gradients of norm 5 at most",
        Of(new() { Model = new() { Name = "cnv" }, Optimizer = new() { Name = OptimizerKind.Adam }, Scheduler = new() { WarmupEpochs = 0 } }));

    [Fact]
    public void What_the_configuration_says_is_not_said_again() => Assert.Equal(
        "Chosen by default: weights by max_abs (8 bits) and mean_abs (1 bits); warm-up of 0.25 epochs",
        Of(new()
        {
            Model = new() { Name = "quant_cnv" },
            Quantization = new() { WeightBitWidth = 1, ActBitWidth = 1, ActQuantizer = "learned" },
            Optimizer = new() { ClipNorm = 0, LastLayerClipNorm = 0, ClipRatio = 0 },
            Training = new() { Epochs = 1 },
        }));

    [Fact]
    public void Nothing_is_said_where_nothing_is_open() =>
        Assert.Null(Of(new() { Model = new() { Name = "cnv" }, Optimizer = new() { ClipNorm = 1, LastLayerClipNorm = 1, ClipRatio = 1 }, Scheduler = new() { WarmupEpochs = 0 } }));
}
