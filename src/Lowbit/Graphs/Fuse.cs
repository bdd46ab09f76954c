using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Nodes in a row that one kernel computes together: a batch norm, perhaps a ReLU, a quantizer; and perhaps the residual add after them with its own ReLU
/// and quantizer. No other node takes the values in between. What comes out may be a residual stream, whose value goes on beside that of a quantizer of fewer bits.
/// </summary>
/// <param name="Norm">The first node.</param>
/// <param name="Relu">The ReLU after it; null where there is none.</param>
/// <param name="Quantize">The quantizer after both.</param>
/// <param name="Residual">What follows where the quantized value is added to another; null where it is not.</param>
/// <param name="Narrow">A quantizer of the stream that the nodes before it give; null where there is none.</param>
sealed record NormalizedQuantizer(BatchNorm Norm, Relu? Relu, Quantize Quantize, ResidualQuantizer? Residual, Quantize? Narrow)
{
    /// <summary>The nodes in their order.</summary>
    public IEnumerable<Node> Nodes => new Node?[] { Norm, Relu, Quantize, Residual?.Add, Residual?.Relu, Residual?.Quantize, Narrow }.OfType<Node>();

    /// <summary>The nodes whose values others take: one, or the stream and its narrower values.</summary>
    public Quantize[] Outputs => [Residual?.Quantize ?? Quantize, .. Narrow is null ? Array.Empty<Quantize>() : [Narrow]];

    /// <summary>The nodes whose values the row takes from outside: the batch norm's input, then the other operand of the add.</summary>
    public string[] Inputs => Residual is null ? [Norm.From] : [Norm.From, Residual.Other];
}

/// <summary>A residual add with the quantizer of its sum.</summary>
/// <param name="Add">The add.</param>
/// <param name="Other">The operand that comes from elsewhere.</param>
/// <param name="Relu">The ReLU after the add; null where there is none.</param>
/// <param name="Quantize">The quantizer of the sum.</param>
sealed record ResidualQuantizer(Add Add, string Other, Relu? Relu, Quantize Quantize);

/// <summary>Finds the nodes that one kernel can compute together: a reader of the graph.</summary>
static class Fuse
{
    /// <summary>All such rows, each as long as it can be; no node is in two of them.</summary>
    public static IReadOnlyList<NormalizedQuantizer> Of(Graph graph)
    {
        var readers = graph.Nodes.SelectMany(node => node.Inputs.Distinct().Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node);
        return [.. graph.Nodes.OfType<BatchNorm>().Select(norm => From(norm, graph, readers)).OfType<NormalizedQuantizer>()];
    }

    static NormalizedQuantizer? From(BatchNorm norm, Graph graph, ILookup<string, Node> readers)
    {
        var (relu, quantize) = ReluAndQuantizer(norm, readers);
        if (quantize is null) return null;
        var residual = Residual(quantize, graph, readers);
        return new(norm, relu, quantize, residual, Narrow(residual?.Quantize ?? quantize, readers));
    }

    /// <summary>The quantizer that takes a value first of several nodes, so that the value is not needed before it.</summary>
    static Quantize? Narrow(Quantize stream, ILookup<string, Node> readers) => readers[stream.Name].ToArray() is [Quantize narrow, _, ..] ? narrow : null;

    /// <summary>The add after a quantizer, if the quantizer's operand is the later one: then the other is there when the row is computed.</summary>
    static ResidualQuantizer? Residual(Quantize quantize, Graph graph, ILookup<string, Node> readers)
    {
        if (OnlyReader<Add>(quantize, readers) is not { } add || add.Left == add.Right) return null;
        string other = add.Left == quantize.Name ? add.Right : add.Left;
        if (graph.IndexOf(other) > graph.IndexOf(quantize.Name)) return null;
        var (relu, sum) = ReluAndQuantizer(add, readers);
        return sum is null ? null : new(add, other, relu, sum);
    }

    static (Relu?, Quantize?) ReluAndQuantizer(Node node, ILookup<string, Node> readers)
    {
        var relu = OnlyReader<Relu>(node, readers);
        return (relu, OnlyReader<Quantize>(relu ?? node, readers));
    }

    static T? OnlyReader<T>(Node node, ILookup<string, Node> readers) where T : Node => readers[node.Name].ToArray() is [T only] ? only : null;
}
