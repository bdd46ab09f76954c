using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Analysis;

/// <summary>
/// Refuses sizes beyond 31 bits that a node asks for by its values: ONNX Runtime's answer would be cut to 32 bits, and look small.
/// </summary>
static class SizeCheck
{
    const double Largest = 1 << 30;

    static readonly HashSet<string> Makers =
    [
        "AveragePool", "CenterCropPad", "Col2Im", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "DepthToSpace", "Expand", "EyeLike", "HammingWindow", "HannWindow",
        "BlackmanWindow", "LpPool", "MaxPool", "MaxUnpool", "MelWeightMatrix", "OneHot", "Pad", "QLinearAveragePool", "QLinearConv", "Range", "Resize", "Split", "Tile", "Upsample",
    ];

    /// <exception cref="LowbitException">A size, or a factor times the largest size there is, is too large.</exception>
    public static void Check(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        if (node.Domain is "" && !Makers.Contains(node.Kind)) return;
        double size = inputs.OfType<TensorFact>().Where(input => input.Value is null).SelectMany(input => input.Shape ?? []).DefaultIfEmpty(1).Max();
        bool isScaled = node.Kind is "Resize" or "Upsample";
        double asked = inputs.OfType<TensorFact>().Where(input => isScaled || (input.Type is { } type && type.IsInteger())).SelectMany(input => input.Value?.Data ?? [])
            .Concat(node.Proto.Attribute.SelectMany(attribute => attribute.Ints.Append(attribute.I).Select(value => (double)value)))
            .Concat(node.Proto.Attribute.Where(_ => isScaled).SelectMany(attribute => attribute.Floats).Select(value => (double)value))
            .Select(Math.Abs).DefaultIfEmpty(0).Max();
        if (node.Kind is "Range" && inputs is [{ Value: { Count: 1 } from }, { Value: { Count: 1 } to }, { Value: { Count: 1 } step }])
            asked = Math.Abs((to.Single() - from.Single()) / step.Single());
        if (!(asked * Math.Max(1, size) <= Largest)) throw new LowbitException(FormattableString.Invariant($"it asks for a size of {asked:G6} where {size} are there, which is too large"));
    }
}
