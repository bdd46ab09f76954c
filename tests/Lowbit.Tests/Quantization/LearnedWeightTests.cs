using System.Text.Json.Nodes;
using Lowbit.Graphs;
using Lowbit.Quantization;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>Quantizers of weights that have parameters of their own compute what Brevitas's do: values to the last bit.</summary>
public class LearnedWeightTests
{
    const double GradientTolerance = 1e-7;

    public static IEnumerable<TheoryDataRow<string>> Cases => GoldenFiles.CasesOf("quantizers-more", entry =>
        (string?)entry["role"] == "weight" && QuantizerNames.Weights.ContainsKey((string)entry["quantizer"]!)).Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Cases))]
    public void A_quantizer_gives_the_values_the_scales_and_the_gradients_that_Brevitas_gives(string @case)
    {
        using var scope = NewDisposeScope();
        var (quantizer, expected) = Read(@case);
        using Tensor w = expected["w"].requires_grad_();
        using var quantization = new WeightQuantization(quantizer, w) { UseKernels = false };
        Parameter parameter = Assert.Single(quantization.parameters());
        using (no_grad()) parameter.copy_(Value(expected, "p:").reshape(parameter.shape));

        QuantizedTensor quantized = quantization.forward(w);
        quantized.Value.backward([expected["gy"]]);

        Assert.Equal(0, Close.Difference(expected["y"], quantized.Value));
        Assert.Equal(0, Close.Difference(expected["scale"], quantized.Scale!));
        Close.Assert(expected["gw"], w.grad!, GradientTolerance, "the weight's gradient");
        Close.Assert(Value(expected, "g:"), parameter.grad!, GradientTolerance, "the parameter's gradient");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Its_parameter_starts_from_the_weights_where_Brevitas_s_does(string @case)
    {
        using var scope = NewDisposeScope();
        var (quantizer, expected) = Read(@case);
        using var quantization = new WeightQuantization(quantizer, expected["w"]);

        double cut = @case.Contains(".learned", StringComparison.Ordinal) ? 0.45 : 1;   // the vectors of these start lower, so that some weights lie outside
        Close.Assert(Value(expected, "p:").div(CachedScalar.Of(cut)), quantization.parameters().Single(), 1e-6, "the parameter's start");
    }

    [Fact]
    public void A_scale_started_again_follows_the_weights_that_came_since()
    {
        using var scope = NewDisposeScope();
        Tensor w = randn(4, 9);
        using var quantization = new WeightQuantization(new(4, WeightScale.Learned), w);
        Tensor before = quantization.forward(w).Scale!.clone();

        quantization.StartFrom(w.mul(CachedScalar.Of(3)));

        Close.Assert(before.mul(CachedScalar.Of(3)), quantization.forward(w).Scale!, 1e-6, "the scale");
    }

    static (WeightQuantizer Quantizer, Dictionary<string, Tensor> Expected) Read(string @case)
    {
        JsonObject entry = GoldenFiles.Case("quantizers-more", @case);
        return (BrevitasQuantizers.Weight((string)entry["quantizer"]!, (int)entry["bit_width"]!), GoldenFiles.Tensors("quantizers-more", @case + "/"));
    }

    static Tensor Value(Dictionary<string, Tensor> expected, string prefix) =>
        expected.Single(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Value;
}
