using Lowbit.Export.Analysis;
using Lowbit.Export.Interpretation;
using Lowbit.Export.Interpretation.Operators;

namespace Lowbit.Export.Inspection;

/// <summary>How many bits every tensor of a file has, from its quantizers on.</summary>
sealed class TensorBits
{
    const int Float = 32;

    /// <param name="Bits">Bits of the integers that the tensor holds, times a scale; 32 where it holds real numbers.</param>
    /// <param name="IsWhole">Whether it holds integers themselves, so that clipping it limits its bits.</param>
    readonly record struct Levels(int Bits, bool IsWhole = false);

    readonly Dictionary<string, Levels> levels = [];
    readonly GraphFacts graph;

    public TensorBits(OnnxModel model, GraphFacts graph)
    {
        this.graph = graph;
        foreach (var (name, tensor) in model.Initializers)
            levels[name] = Stored(tensor.Type, tensor.Count, () => tensor.Read().Data);
        foreach (var node in graph.Nodes)
            for (int i = 0; i < node.Outputs.Count; i++)
                levels[node.Node.Outputs[i]] = Infer(node, node.Outputs[i]);
    }

    /// <summary>Bits of a tensor's values.</summary>
    public int Of(string tensor) => LevelsOf(tensor).Bits;

    Levels LevelsOf(string tensor) => levels.GetValueOrDefault(tensor, new(Float));

    Levels Infer(NodeFacts facts, TensorFact output)
    {
        var node = facts.Node;
        var first = node.Inputs.Count > 0 ? LevelsOf(node.Inputs[0]) : new(Float);
        return (node.Domain, node.Kind) switch
        {
            (OnnxNode.Qonnx, "BipolarQuant") => new(1),
            (OnnxNode.Qonnx, "Quant" or "IntQuant" or "Trunc") => new(Number(node)),
            ("", "QuantizeLinear") => new((output.Type ?? ElementType.Uint8).Bits(), IsWhole: true),
            ("", "DequantizeLinear") => first with { IsWhole = false },
            ("", "Round" or "Floor" or "Ceil") => first with { IsWhole = true },
            ("", "Clip") when first.IsWhole => Clipped(node, first),
            ("", "Mul" or "Div") when !output.IsConstant && node.Inputs.Any(input => graph[input].IsConstant) =>
                new(node.Inputs.Where(input => !graph[input].IsConstant).Select(Of).DefaultIfEmpty(Float).Max()),
            // Planes of bits, [bits, bytes, 1], that are taken apart and put together again.
            ("", "BitShift") when graph[node.Inputs[0]] is { IsConstant: true, Shape: [<= 8 and var planes, _, 1] } => new(planes, IsWhole: true),
            ("", "BitwiseAnd" or "Cast" or "ReduceSum" or "Add" or "Sub" or "Mul") when output is { IsConstant: true, Type: { } kept } && kept.IsInteger() && first.IsWhole => new(Math.Min(first.Bits, kept.Bits()), IsWhole: true),
            ("", "Concat") => new(node.Inputs.Max(Of)),
            ("", "Constant") when output.Value is { } value => Stored(value.Type, value.Count, () => value.Data),
            ("", "Relu" or "MaxPool" or "GlobalMaxPool" or "Identity" or "Dropout" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze"
                or "Transpose" or "Slice" or "Gather" or "Split" or "Expand" or "Pad" or "ReduceMax") => first,
            _ when output.Type is { } type && type.IsInteger() => new(type.Bits(), IsWhole: true),
            _ => Real(output.Type),
        };
    }

    /// <summary>Small integers as they are kept in files have the bits that their values need.</summary>
    static Levels Stored(ElementType type, int count, Func<double[]> read)
    {
        if (!type.IsInteger() || count == 0) return Real(type);
        int bits = type.Bits();
        if (bits > 8) return new(bits, IsWhole: true);
        double[] values = read();
        bool isBipolar = values.All(value => Math.Abs(value) == 1) && values.Min() < 0;
        return new(isBipolar ? 1 : BitsBetween(values.Min(), values.Max()), IsWhole: true);
    }

    /// <summary>Real numbers have the bits of their type.</summary>
    static Levels Real(ElementType? type) => new(type is ElementType.Float16 or ElementType.Bfloat16 or ElementType.Double ? type.Value.Bits() : Float);

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

    /// <summary>The bits of a quantizer's integers, which a fractional bit width has as many of as its range needs; the most where they differ from place to place.</summary>
    int Number(OnnxNode node)
    {
        if (Constant(node, node.Inputs.Count - 1) is not { Count: > 0 } bits) return Float;
        double most = bits.Data.Max();
        return most == Math.Truncate(most) || most is not (> 0 and <= Float) ? (int)Math.Clamp(most, 1, Float) : Rounded(QonnxQuantization.Range(most, node.Flag("signed", otherwise: true), node.Flag("narrow")));

        static int Rounded((double Low, double High) range) => BitsBetween(Math.Round(range.Low), Math.Round(range.High));
    }

    NdArray? Constant(OnnxNode node, int input) => graph[node.Inputs.ElementAtOrDefault(input) ?? ""].Value;
}
