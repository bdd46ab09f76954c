using System.Text.Json.Nodes;
using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>Every quantizer gives Brevitas's values, scales, zero points and gradients, over training steps and in evaluation.</summary>
public class BrevitasQuantizerTests
{
    const double ValueTolerance = 1e-6;
    const double GradientTolerance = 1e-5;

    public static IEnumerable<TheoryDataRow<string>> Weights => Cases("weight");

    public static IEnumerable<TheoryDataRow<string>> Activations => Cases("activation");

    [Theory, MemberData(nameof(Weights))]
    public void A_weight_quantizer_computes_what_Brevitas_does(string @case)
    {
        using var scope = NewDisposeScope();
        JsonObject entry = GoldenFiles.Case("quantizers", @case);
        var expected = GoldenFiles.Tensors("quantizers", @case + "/");
        using Tensor w = expected["w"].requires_grad_();

        using var quantization = new WeightQuantization(BrevitasQuantizers.Weight((string)entry["quantizer"]!, (int)entry["bit_width"]!), w) { UseKernels = false };

        QuantizedTensor quantized = quantization.forward(w);
        quantized.Value.backward([expected["gy"]]);

        Close.Assert(expected["y"], quantized.Value, ValueTolerance, "the value");
        Close.Assert(expected["scale"], quantized.Scale!, ValueTolerance, "the scale");
        AssertZeroPoint(expected["zero_point"], quantized.ZeroPoint);
        Close.Assert(expected["gw"], w.grad!, GradientTolerance, "the weight's gradient");
    }

    [Theory, MemberData(nameof(Activations))]
    public void An_activation_quantizer_computes_what_Brevitas_does(string @case)
    {
        using var scope = NewDisposeScope();
        JsonObject entry = GoldenFiles.Case("quantizers", @case);
        var expected = GoldenFiles.Tensors("quantizers", @case + "/");
        bool relu = (string)entry["layer"]! == "QuantReLU";
        ActivationQuantizer quantizer = BrevitasQuantizers.Activation(
            (string)entry["quantizer"]!, (int)entry["bit_width"]!, (bool)entry["signed"]!, (int?)entry["collect_stats_steps"] ?? 0);
        using var quantization = ActivationQuantization.Create(quantizer, new Shape(3, 6, 5));
        quantization.Kernels = KernelUse.Never;   // the vectors were made by the same operations; kernels are held to these, and round less

        for (int step = 0; step < (int)entry["steps"]!; step++)
        {
            string at = $"step{step}/";
            using Tensor x = expected[at + "x"].requires_grad_();
            quantization.zero_grad();

            QuantizedTensor quantized = quantization.forward(relu ? nn.functional.relu(x) : x);
            quantized.Value.backward([expected[at + "gy"]]);

            AssertValue(expected, at, quantized);
            Close.Assert(expected[at + "gx"], x.grad!, GradientTolerance, $"{at} the input's gradient");
            foreach (var (name, parameter) in quantization.named_parameters()) AssertParameterGradient(expected, at, name, parameter);
        }

        quantization.eval();
        AssertValue(expected, "eval/", quantization.forward(relu ? nn.functional.relu(expected["eval/x"]) : expected["eval/x"]));
    }

    static void AssertValue(Dictionary<string, Tensor> expected, string at, QuantizedTensor quantized)
    {
        Close.Assert(expected[at + "scale"], quantized.Scale!, ValueTolerance, $"{at} the scale");
        Close.Assert(expected[at + "y"], quantized.Value, ValueTolerance, $"{at} the value");
        AssertZeroPoint(expected[at + "zero_point"], quantized.ZeroPoint);
    }

    static void AssertZeroPoint(Tensor expected, Tensor? actual)
    {
        if (actual is null) Assert.Equal(0, expected.abs().max().item<float>());
        else Close.Assert(expected, actual, ValueTolerance, "the zero point");
    }

    /// <summary>Brevitas names a parameter by where it hangs; ours is the only one of its kind (the low end of a shifted range is its zero point's).</summary>
    static void AssertParameterGradient(Dictionary<string, Tensor> expected, string at, string name, Tensor parameter)
    {
        string kind = name.StartsWith("low", StringComparison.Ordinal) ? "zero_point_impl.value" : "scaling_impl.value";
        Tensor gradient = expected.Single(entry => entry.Key.StartsWith(at + "g:", StringComparison.Ordinal) && entry.Key.EndsWith(kind, StringComparison.Ordinal)).Value;
        Close.Assert(gradient, parameter.grad ?? zeros_like(parameter), GradientTolerance, $"{at} the gradient of {name}");
    }

    static IEnumerable<TheoryDataRow<string>> Cases(string role) =>
        GoldenFiles.CasesOf("quantizers", entry => (string?)entry["role"] == role).Select(name => new TheoryDataRow<string>(name));
}
