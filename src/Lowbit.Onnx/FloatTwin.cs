using Google.Protobuf;
using Lowbit.Export.Writing;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;

namespace Lowbit.Export;

/// <summary>The float network of a quantized one's layers, to compare speeds with: its weights are drawn anew.</summary>
public static class FloatTwin
{
    /// <summary>The graph without quantizers.</summary>
    public static Graph Of(Graph graph)
    {
        var sources = new Dictionary<string, string>();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            string[] inputs = [.. node.Inputs.Select(input => sources.GetValueOrDefault(input, input))];
            if (node is Quantize)
            {
                sources.Add(node.Name, inputs[0]);
                continue;
            }
            Node plain = node switch
            {
                IWeighted layer => layer.WithQuantizers(null, null),
                AveragePool pool => pool with { OutputBitWidth = null },
                _ => node,
            };
            nodes.Add(plain.WithInputs([.. inputs]));
        }
        return new(nodes);
    }

    /// <summary>Writes the float network of a quantized one as ONNX, for any number of images.</summary>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static void Write(Network network, string path)
    {
        using var twin = new Network(Of(network.Graph));
        twin.eval();
        AtomicFile.Write(path, NetworkWriter.Write(twin, new() { Format = ExportFormat.Qcdq, Batch = null }).WriteTo);
    }
}
