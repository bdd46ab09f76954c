using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Inspection;

/// <summary>How many bits every tensor of a file has, from its quantizers on.</summary>
sealed class TensorBits
{
    const int Float = 32;

    /// <param name="Bits">Bits of the integers that the tensor holds, times a scale; 32 where it holds real numbers.</param>
    /// <param name="IsWhole">Whether it holds integers themselves, so that clipping it limits its bits.</param>
    readonly record struct Levels(int Bits, bool IsWhole = false);

    readonly Dictionary<string, Levels> levels = [];
    readonly FoldedGraph graph;

    public TensorBits(OnnxModel model, FoldedGraph graph)
    {
        this.graph = graph;
        foreach (var (name, array) in model.Initializers)
            levels[name] = Stored(array);
        foreach (var node in model.Nodes)
            foreach (string output in node.Outputs)
                levels[output] = Infer(node);
    }

    /// <summary>Bits of a tensor's values.</summary>
    public int Of(string tensor) => LevelsOf(tensor).Bits;

    Levels LevelsOf(string tensor) => levels.GetValueOrDefault(tensor, new(Float));

    Levels Infer(OnnxNode node)
    {
        var first = node.Inputs.Count > 0 ? LevelsOf(node.Inputs[0]) : new(Float);
        return (node.Domain, node.Kind) switch
        {
            (OnnxNode.Qonnx, "BipolarQuant") => new(1),
            (OnnxNode.Qonnx, "Quant" or "IntQuant") => new(Number(node, 3)),
            (OnnxNode.Qonnx, "Trunc") => new(Number(node, node.Inputs.Count - 1)),
            ("", "QuantizeLinear") => new((Constant(node, 2)?.Type ?? ElementType.Uint8).Bits(), IsWhole: true),
            ("", "DequantizeLinear") => first with { IsWhole = false },
            ("", "Round" or "Floor" or "Ceil") => first with { IsWhole = true },
            ("", "Clip") when first.IsWhole => Clipped(node, first),
            ("", "Mul" or "Div") when node.Inputs.Any(graph.Constants.ContainsKey) =>
                new(node.Inputs.Where(input => !graph.Constants.ContainsKey(input)).Select(Of).DefaultIfEmpty(Float).Max()),
            ("", "Concat") => new(node.Inputs.Max(Of)),
            ("", "Constant") when graph.Constants.TryGetValue(node.Outputs[0], out var array) => Stored(array),
            ("", "Relu" or "MaxPool" or "GlobalMaxPool" or "Identity" or "Dropout" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze"
                or "Transpose" or "Slice" or "Gather" or "Split" or "Expand" or "Pad" or "ReduceMax") => first,
            _ => new(Float),
        };
    }

    /// <summary>Small integers as they are kept in files have the bits that their values need.</summary>
    static Levels Stored(NdArray array)
    {
        if (!array.Type.IsInteger() || array.Count == 0) return new(Float);
        int bits = array.Type.Bits();
        bool isBipolar = bits <= 8 && array.Data.All(value => Math.Abs(value) == 1) && array.Data.Min() < 0;
        return new(bits > 8 ? bits : isBipolar ? 1 : BitsBetween(array.Data.Min(), array.Data.Max()), IsWhole: true);
    }

    Levels Clipped(OnnxNode node, Levels input)
    {
        double low = Constant(node, 1)?.Data.FirstOrDefault() ?? node.Float("min", double.NegativeInfinity);
        double high = Constant(node, 2)?.Data.FirstOrDefault() ?? node.Float("max", double.PositiveInfinity);
        return high - low < 1L << 31 ? new(Math.Min(input.Bits, BitsBetween(low, high)), IsWhole: true) : input;
    }

    /// <summary>Bits with which integers can be counted, in two's complement where some are negative.</summary>
    static int BitsBetween(double low, double high) => low < 0
        ? 1 + (int)Math.Ceiling(Math.Log2(Math.Max(-low, high + 1)))
        : Math.Max(1, (int)Math.Ceiling(Math.Log2(high + 1)));

    /// <summary>A bit width; the largest where it differs from place to place.</summary>
    int Number(OnnxNode node, int input) =>
        Constant(node, input) is { Count: > 0 } bits ? (int)Math.Clamp(bits.Data.Max(), 1, Float) : Float;

    NdArray? Constant(OnnxNode node, int input) => graph.Constants.GetValueOrDefault(node.Inputs.ElementAtOrDefault(input) ?? "");
}
