using System.Numerics;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>The integers that, times a scale, are a value of the network.</summary>
/// <param name="BitWidth">Bits of the integers.</param>
/// <param name="IsSigned">Whether negative ones are among them.</param>
/// <param name="Scale">The node that the scale belongs to; integers of one such node can be added.</param>
readonly record struct IntegerType(int BitWidth, bool IsSigned, string Scale);

/// <summary>How many bits every value of a network has, from the quantizers on: a reader of the graph.</summary>
sealed class BitWidths
{
    /// <summary>Bits of a value that no quantizer made: float32.</summary>
    public const int Float = 32;

    readonly Graph graph;
    readonly Dictionary<string, IntegerType?> types = [];

    public BitWidths(Graph graph)
    {
        this.graph = graph;
        foreach (Node node in graph.Nodes) types.Add(node.Name, Infer(node));
    }

    /// <summary>The integers that stand for a node's value; null where it is in real numbers.</summary>
    public IntegerType? TypeOf(string node) => types[node];

    /// <summary>Bits of a node's value.</summary>
    public int Of(string node) => types[node]?.BitWidth ?? Float;

    /// <summary>
    /// Bits that Brevitas gives the sums of a layer: ceil(log2((2^a - 1) * (2^w - 1) * products)), one more than the wider of that and the
    /// bias where the bias is quantized; null where input or weights are float. Values of -1 and +1 count as one bit in it, so sums of
    /// binary values can need one bit more for their sign.
    /// </summary>
    public int? AccumulatorOf(IWeighted layer)
    {
        string input = graph[layer.Name].Inputs[0];
        if (types[input] is not { BitWidth: int a } || layer.WeightQuantizer is not { BitWidth: int w }) return null;
        int sum = CeilingLog2(((1L << a) - 1) * ((1L << w) - 1) * layer.ProductsPerOutput(graph.ShapeOf(input)));
        return layer is { Bias: true, BiasBitWidth: int bias } ? Math.Max(sum, bias) + 1 : sum;
    }

    /// <summary>The bits of a quantizer, if there can be one of so many.</summary>
    /// <exception cref="GraphException">There cannot.</exception>
    public static int Checked(int bitWidth) => bitWidth is >= 1 and <= 8
        ? bitWidth
        : throw new GraphException($"A quantizer of {bitWidth} bits is not possible; it has 1 to 8");

    IntegerType? Infer(Node node) => node switch
    {
        Quantize quantize => new(quantize.Quantizer.BitWidth, quantize.Quantizer.Range.IsSigned, quantize.Owner),
        MaxPool or Flatten => types[node.Inputs[0]],
        Add add => Sum(types[add.Left], types[add.Right]),
        AveragePool { OutputBitWidth: int bits } pool when types[pool.From] is { } input => new(bits, input.IsSigned, pool.Name),
        _ => null,
    };

    static IntegerType? Sum(IntegerType? left, IntegerType? right) => left is { } a && right is { } b && a.Scale == b.Scale
        ? new(Math.Max(a.BitWidth, b.BitWidth) + 1, a.IsSigned || b.IsSigned, a.Scale)
        : null;

    static int CeilingLog2(long value) => 64 - BitOperations.LeadingZeroCount((ulong)value - 1);
}
