using System.Collections.Immutable;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>The normalization of a dataset, so that the file takes raw pixels: Sub, then Div, by channel or for all alike.</summary>
static class NormalizeWriter
{
    public static string Write(WrittenNetwork network, Normalize node)
    {
        string centered = network.File.Node("Sub", $"{node.Name}.centered", [network[node.From], Constant(network, $"{node.Name}.mean", node.Mean)]);
        return network.File.Node("Div", node.Name, [centered, Constant(network, $"{node.Name}.deviation", node.Std)]);
    }

    static string Constant(WrittenNetwork network, string name, ImmutableArray<double> values) => values is [double single]
        ? network.File.Scalar(name, single)
        : network.File.Floats(name, values.Select(value => (float)value).ToArray(), 1, values.Length, 1, 1);
}
