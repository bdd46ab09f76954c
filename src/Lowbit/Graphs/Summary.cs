using System.Collections.Immutable;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>What a network holds and does for one image, node by node and in total: a reader of the graph.</summary>
/// <param name="Nodes">One entry for each node, in the order of the graph.</param>
public sealed record Summary(ImmutableArray<NodeSummary> Nodes)
{
    /// <summary>Learned values.</summary>
    public long Parameters => Nodes.Sum(node => node.Cost.Parameters);

    /// <summary>Multiply-accumulate operations.</summary>
    public long Macs => Nodes.Sum(node => node.Cost.Macs);

    /// <summary>Bits of a weight, on average.</summary>
    public double WeightBitWidth => Mean(node => node.WeightBitWidth, node => node.Cost.Weights);

    /// <summary>Bits of what weights are multiplied with, on average over all multiplications.</summary>
    public double InputBitWidth => Mean(node => node.InputBitWidth, node => node.Cost.Macs);

    /// <summary>MACs x weight bits x input bits. A float counts as 32 bits.</summary>
    public long BitOperations => Nodes.Sum(node => node.BitOperations);

    /// <summary>Bytes of all parameters as float32.</summary>
    public long FloatBytes => Nodes.Sum(node => node.FloatBytes);

    /// <summary>Bytes of all parameters with weights and biases at their bit widths, each tensor packed without gaps; all else as float32.</summary>
    public long PackedBytes => Nodes.Sum(node => node.PackedBytes);

    /// <summary>Reads a network.</summary>
    public static Summary Of(Graph graph) =>
        new([.. graph.Nodes.Select(node => new NodeSummary(
            node.Name,
            node.Kind,
            graph.ShapeOf(node.Name),
            node.Cost(graph.InputShapes(node)),
            node is IWeighted weighted ? weighted.WeightQuantizer?.BitWidth ?? IntegerAnalysis.FloatBitWidth : null,
            node.Inputs.IsEmpty ? null : node.Inputs.Max(graph.Integers.BitWidthOf),
            (node as IWeighted)?.BiasBitWidth ?? IntegerAnalysis.FloatBitWidth))]);

    /// <summary>The table of all nodes, totals last.</summary>
    public override string ToString() => SummaryTable.Format(this);

    double Mean(Func<NodeSummary, int?> bits, Func<NodeSummary, long> weight)
    {
        double total = Nodes.Sum(weight);
        return total == 0 ? IntegerAnalysis.FloatBitWidth : Nodes.Sum(node => (bits(node) ?? 0) * (double)weight(node)) / total;
    }
}

/// <summary>What a node holds and does for one image.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Kind">What kind of node it is.</param>
/// <param name="Output">The shape of its value.</param>
/// <param name="Cost">Its parameters and multiply-accumulate operations.</param>
/// <param name="WeightBitWidth">Bits of its weights; null where it has none.</param>
/// <param name="InputBitWidth">Bits of the (widest) value it takes; null for the network's input.</param>
/// <param name="OtherBitWidth">Bits of its other parameters.</param>
public sealed record NodeSummary(string Name, string Kind, Shape Output, NodeCost Cost, int? WeightBitWidth, int? InputBitWidth, int OtherBitWidth)
{
    /// <summary>MACs x weight bits x input bits. A float counts as 32 bits.</summary>
    public long BitOperations => Cost.Macs * (WeightBitWidth ?? 0) * (InputBitWidth ?? 0);

    /// <summary>Bytes of the parameters as float32.</summary>
    public long FloatBytes => Cost.Parameters * sizeof(float);

    /// <summary>Bytes of the parameters at their bit widths.</summary>
    public long PackedBytes => Bytes(Cost.Weights, WeightBitWidth ?? 0) + Bytes(Cost.OtherParameters, OtherBitWidth);

    static long Bytes(long values, int bitWidth) => (values * bitWidth + 7) / 8;
}
