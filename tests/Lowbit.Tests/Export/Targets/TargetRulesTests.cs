using Lowbit.Export;
using Lowbit.Export.Targets;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Xunit;

namespace Lowbit.Tests.Export.Targets;

public class TargetRulesTests
{
    static readonly ExportOptions Finn = new() { Target = ExportTarget.Finn };
    static readonly ExportOptions Hls4ml = new() { Target = ExportTarget.Hls4ml, Input = ExportInput.Normalized };

    public static IEnumerable<TheoryDataRow<string>> Models => ModelZoo.Names.Where(ModelZoo.IsQuantized).Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Models))]
    public void Every_quantized_model_passes_the_check_for_FINN_at_every_bit_width(string model)
    {
        foreach (int bits in model is "quant_cnv" or "quant_resnet20" ? [1, 2, 3, 4, 5, 6, 7, 8] : new[] { 1, 8 })
        {
            using var network = new Network(Zoo(model, new() { WeightBitWidth = bits, ActivationBitWidth = bits }));
            Assert.Empty(FinnRules.Breaches(network, Finn));
        }
    }

    [Fact]
    public void A_scale_that_is_a_power_of_two_passes_the_check_for_hls4ml_and_another_names_the_key()
    {
        using var exact = new Network(Zoo("quant_resnet20", new() { WeightScale = WeightScale.PowerOfTwo, ActivationScale = ActivationScale.PowerOfTwo }));
        using var learned = new Network(Zoo("quant_resnet20", new() { WeightScale = WeightScale.PowerOfTwo }));

        Assert.Empty(Hls4mlRules.Breaches(exact, Hls4ml));
        Assert.Contains(Hls4mlRules.Breaches(learned, Hls4ml), breach => breach.Contains("quantization.act_quantizer to power_of_two", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(62.5, "normalize: hls4ml divides by the deviation of the images in fixed point, too coarse for the next quantizer; set --input normalized")]
    [InlineData(64, null)]
    public void Pixels_pass_the_check_for_hls4ml_only_where_they_are_divided_by_a_power_of_two(double deviation, string? sentence)
    {
        using var network = new Network(new GraphBuilder(new Shape(1, 8, 8)).Normalize(mean: [127.5], std: [deviation], name: "normalize").Linear(10).ToGraph());

        Assert.Equal(sentence is null ? [] : [sentence], Hls4mlRules.Breaches(network, Hls4ml with { Input = ExportInput.Pixels }));
        Assert.Empty(Hls4mlRules.Breaches(network, Hls4ml));
    }

    [Theory]
    [InlineData("weights", "stage1.block1.conv1: FINN takes weights without a zero point only; set quantization.weight_quantizer to max_abs or power_of_two")]
    [InlineData("activations", "stage1.block1.relu1.quant: FINN takes activations without a zero point only; set quantization.act_quantizer to learned or power_of_two")]
    [InlineData("input", "input.quant: FINN takes values of -1 and +1 with the scale 1 only; set quantization.in_bit_width to 2 or more, or quantization.scheme to bnn_pynq")]
    [InlineData("batch", "input: FINN maps files that take one image at a time, and this one takes any number; set --batch 1")]
    public void What_FINN_refuses_is_refused_with_the_node_the_rule_and_the_key(string what, string sentence)
    {
        QuantizationSpec spec = what switch
        {
            "weights" => new() { WeightScale = WeightScale.Shifted },
            "activations" => new() { ActivationScale = ActivationScale.Shifted },
            "input" => new() { InputBitWidth = 1, CollectStatisticsSteps = 1 },
            _ => new(),
        };
        using var network = new Network(Zoo("quant_resnet20", spec));
        if (what == "input") network.Calibrate([TorchSharp.torch.rand(2, 3, 32, 32).mul(CachedScalar.Of(3))]);

        var refusal = Assert.Throws<LowbitException>(() => TargetRules.Check(network, Finn with { Batch = what == "batch" ? null : 1 }));

        Assert.Contains(sentence, refusal.Message.Split('\n'));
    }

    static Graph Zoo(string model, QuantizationSpec spec) => ModelZoo.Build(new(model, new Shape(3, 32, 32), 10), spec);
}
