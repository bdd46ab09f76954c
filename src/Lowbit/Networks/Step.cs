using Lowbit.Graphs;
using Lowbit.Networks.Layers;
using Lowbit.Quantization;

namespace Lowbit.Networks;

/// <summary>Something that runs: one node, or several that are computed together.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Nodes">The places in the graph of the nodes whose values it gives: one, or a residual stream and its narrower values.</param>
/// <param name="Inputs">The places of the nodes whose values it takes.</param>
/// <param name="Run">How it runs: the values of <paramref name="Nodes"/> from those of <paramref name="Inputs"/>.</param>
/// <param name="LastUses">Those of its inputs that no later step takes.</param>
sealed record Step(string Kind, int[] Nodes, int[] Inputs, Func<QuantizedTensor[], QuantizedTensor[]> Run, int[] LastUses)
{
    /// <summary>What runs after what: the nodes after the input, those of a fused row as one.</summary>
    /// <param name="graph">The network as data.</param>
    /// <param name="layers">Makes a layer of a row.</param>
    /// <param name="layerOf">The layer of each node.</param>
    /// <param name="rows">The rows; none to run every node on its own.</param>
    public static IReadOnlyList<Step> InOrder(Graph graph, LayerFactory layers, IReadOnlyDictionary<string, Layer> layerOf, IReadOnlyList<NormalizedQuantizer> rows)
    {
        var rowOf = rows.SelectMany(row => row.Nodes.Select(node => (node, row))).ToDictionary(pair => pair.node, pair => pair.row);
        var steps = new List<Step>();
        foreach (Node node in graph.Nodes.Skip(1))
        {
            var row = rowOf.GetValueOrDefault(node);
            if (row is not null && row.Nodes.Last() != node) continue;
            var inputs = row?.Inputs ?? [.. node.Inputs];
            string kind = row is null ? node.Kind : string.Join(" + ", row.Nodes.Select(part => part.Kind));
            int[] outputs = row is null ? [graph.IndexOf(node.Name)] : [.. row.Outputs.Select(output => graph.IndexOf(output.Name))];
            steps.Add(new(kind, outputs, [.. inputs.Select(graph.IndexOf)], row is null ? Alone(layerOf[node.Name]) : layers.Fused(row, NodeByNode(row, layerOf)), []));
        }
        var taken = new HashSet<int> { graph.Nodes.Length - 1 };
        return [.. Enumerable.Reverse(steps).Select(step => step with { LastUses = [.. step.Inputs.Where(taken.Add)] }).Reverse()];
    }

    static Func<QuantizedTensor[], QuantizedTensor[]> Alone(Layer layer) => inputs => [layer(inputs)];

    static Func<QuantizedTensor[], QuantizedTensor[]> NodeByNode(NormalizedQuantizer row, IReadOnlyDictionary<string, Layer> layerOf) => inputs =>
    {
        var values = new Dictionary<string, QuantizedTensor> { [row.Norm.From] = inputs[0] };
        if (row.Residual is { } residual) values[residual.Other] = inputs[1];
        foreach (Node node in row.Nodes) values[node.Name] = layerOf[node.Name]([.. node.Inputs.Select(input => values[input])]);
        return [.. row.Outputs.Select(output => values[output.Name])];
    };
}
