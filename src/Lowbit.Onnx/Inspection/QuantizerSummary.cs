using Lowbit.Export.Analysis;
using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Inspection;

/// <summary>What a quantizer of an ONNX file does.</summary>
/// <param name="Tensor">The tensor that it makes.</param>
/// <param name="Kind">The node's operator.</param>
/// <param name="IsConstant">Whether it quantizes what does not depend on the image, such as weights.</param>
/// <param name="BitWidth">Bits of the integers.</param>
/// <param name="Range">signed or unsigned, with narrow where one value less is used, or the integer type.</param>
/// <param name="Scales">How many scales it has.</param>
/// <param name="SmallestScale">The smallest of them.</param>
/// <param name="LargestScale">The largest of them.</param>
/// <param name="ZeroPoint">The zero point farthest from 0.</param>
public sealed record QuantizerSummary(
    string Tensor, string Kind, bool IsConstant, int BitWidth, string Range, int Scales, double SmallestScale, double LargestScale, double ZeroPoint)
{
    /// <summary>Reads a node; null where it is no quantizer, or its scales are not in the file.</summary>
    internal static QuantizerSummary? Of(NodeFacts facts, TensorBits bits)
    {
        var node = facts.Node;
        bool isQuantizer = node.Domain == OnnxNode.Qonnx || (node.Domain is "" && node.Kind is "QuantizeLinear" or "DequantizeLinear");
        if (!isQuantizer || node.Outputs is not [var output, ..] || Constant(1) is not { Count: > 0 } scale) return null;
        return new(
            output, node.Kind, facts.Outputs[0].IsConstant, bits.Of(output), RangeOf(), scale.Count, scale.Data.Min(), scale.Data.Max(),
            node.Kind is not "BipolarQuant" && Constant(2) is { Count: > 0 } zeroPoint ? zeroPoint.Data.MaxBy(Math.Abs) : 0);

        NdArray? Constant(int input) => facts.Inputs.ElementAtOrDefault(input)?.Value;

        string RangeOf() => node.Kind switch
        {
            "BipolarQuant" => "-1, +1",
            "QuantizeLinear" or "DequantizeLinear" => (facts.Inputs.ElementAtOrDefault(2)?.Type?.ToString() ?? "").ToLowerInvariant(),
            _ => (node.Flag("signed", otherwise: true) ? "signed" : "unsigned") + (node.Flag("narrow") ? " narrow" : ""),
        };
    }
}
