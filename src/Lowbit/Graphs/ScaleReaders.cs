using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>Finds the quantizers whose scales later nodes compute with: means in integers, and biases at the scale of the products they are added to.</summary>
static class ScaleReaders
{
    /// <summary>The names of these quantizers; of those that share a scale, the one that owns it.</summary>
    public static IReadOnlySet<string> Of(Graph graph) => graph.Nodes
        .Where(node => node is AveragePool { OutputBitWidth: not null } or IWeighted { Bias: true, BiasBitWidth: not null })
        .Select(node => Source(graph, node.Inputs[0])).OfType<string>().ToHashSet();

    static string? Source(Graph graph, string node) => graph[node] switch
    {
        Quantize quantize => quantize.Owner,
        AveragePool { OutputBitWidth: not null } or MaxPool or Flatten or Add => Source(graph, graph[node].Inputs[0]),
        _ => null,
    };
}
