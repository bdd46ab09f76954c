using System.Text.Json.Nodes;
using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>A quantized convolution with a quantized bias gives Brevitas's values and scales, and its accumulator as many bits.</summary>
public class BrevitasLayerTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => GoldenFiles.CasesOf("layers", _ => true).Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Cases))]
    public void A_convolution_with_a_quantized_bias_computes_what_Brevitas_does(string @case)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        JsonObject entry = GoldenFiles.Case("layers", @case);
        var expected = GoldenFiles.Tensors("layers", @case + "/");
        int weightBits = (int)entry["weight_bit_width"]!, actBits = (int)entry["act_bit_width"]!;
        int? biasBits = (string)entry["bias"]! switch { "Int8Bias" => 8, "Int16Bias" => 16, "Int32Bias" => 32, _ => null };

        using var network = new Network(new GraphBuilder(new Shape(3, 9, 9))
            .Quantize(new(8, Signed: true), name: "input.quant")
            .Conv(8, kernel: 3, stride: 2, bias: expected.ContainsKey("bias"), weights: new(weightBits), biasBitWidth: biasBits, name: "conv")
            .Relu().Quantize(new(actBits), name: "relu.quant").ToGraph());
        network.eval();
        var state = network.State.ToDictionary(s => s.Name, s => s.Tensor);
        state["input.quant.threshold.value"].copy_(expected["input_scale"].reshape([]).mul(CachedScalar.Of(128)));
        state["relu.quant.threshold.value"].copy_(expected["y_scale"].reshape([]).mul(CachedScalar.Of((1 << actBits) - 1)));
        state["conv.weight"].copy_(expected["weight"]);
        if (expected.TryGetValue("bias", out Tensor? bias)) state["conv.bias"].copy_(bias);

        Close.Assert(expected["weight_scale"], network.WeightsOf("conv").Scale!, 1e-6, "the weight's scale");
        if (biasBits is not null) Close.Assert(expected["bias_q"], network.BiasOf("conv")!, 1e-6, "the bias");
        if (entry["accumulator_bit_width"] is { } bits)
            Assert.Equal((int)(double)bits, IntegerAnalysis.AccumulatorOf(network.Graph, (IWeighted)network.Graph["conv"]));
        Close.Assert(expected["y"], network.forward(expected["x"]), 1e-6, "the value");
    }
}
