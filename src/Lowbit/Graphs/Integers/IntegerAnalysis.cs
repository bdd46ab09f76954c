using System.Numerics;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs.Integers;

/// <summary>
/// Which integers every value of a network holds: their range and bits, and the quantizer that their scale comes from, as each node says of its own. The only place that answers this;
/// the quantize pass, the summary, the network, the exporters and the integer network read it.
/// </summary>
public sealed class IntegerAnalysis
{
    /// <summary>Bits of a value that no quantizer made: float32.</summary>
    public const int FloatBitWidth = 32;

    readonly Dictionary<string, IntegerType?> types = [];

    /// <summary>An analysis of no nodes yet.</summary>
    internal IntegerAnalysis()
    {
    }

    /// <summary>Reads a network.</summary>
    public IntegerAnalysis(Graph graph)
    {
        foreach (Node node in graph.Nodes) Append(node);
    }

    /// <summary>The integers of a node's value; null where the value is in real numbers.</summary>
    /// <exception cref="KeyNotFoundException">There is no node of that name.</exception>
    public IntegerType? TypeOf(string node) => types[node];

    /// <summary>Bits of a node's value; <see cref="FloatBitWidth"/> where it is in real numbers.</summary>
    /// <exception cref="KeyNotFoundException">There is no node of that name.</exception>
    public int BitWidthOf(string node) => types[node]?.BitWidth ?? FloatBitWidth;

    /// <summary>
    /// Bits that Brevitas gives the sums of a layer: ceil(log2((2^a - 1) * (2^w - 1) * products)), one more than the wider of that and the
    /// bias where the bias is quantized; null where input or weights are float. Values of -1 and +1 count as one bit in it, so sums of
    /// binary values can need one bit more for their sign.
    /// </summary>
    public static int? AccumulatorOf(Graph graph, IWeighted layer)
    {
        string input = graph[layer.Name].Inputs[0];
        if (graph.Integers.TypeOf(input) is not { BitWidth: int a } || layer.WeightQuantizer is not { BitWidth: int w }) return null;
        int sum = CeilingLog2(((1L << a) - 1) * ((1L << w) - 1) * layer.ProductsPerOutput(graph.ShapeOf(input)));
        return layer is { Bias: true, BiasBitWidth: int bias } ? Math.Max(sum, bias) + 1 : sum;
    }

    /// <summary>Takes in the next node of a network that is being written.</summary>
    internal IntegerType? Append(Node node) => types[node.Name] = node.InferIntegers([.. node.Inputs.Select(input => types[input])]);

    static int CeilingLog2(long value) => 64 - BitOperations.LeadingZeroCount((ulong)value - 1);
}
