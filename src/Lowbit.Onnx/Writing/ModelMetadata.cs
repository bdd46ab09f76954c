using System.Globalization;
using System.Text.Json.Nodes;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Onnx;

namespace Lowbit.Export.Writing;

/// <summary>What a file says of itself beside its graph.</summary>
static class ModelMetadata
{
    public static IEnumerable<StringStringEntryProto> Of(Network network, ExportOptions options)
    {
        Graph graph = network.Graph;
        var entries = new Dictionary<string, string>
        {
            ["input"] = options.Input == ExportInput.Pixels ? "pixels" : "normalized",
            ["outputs"] = graph.ShapeOf(graph.Output.Name).Elements.ToString(CultureInfo.InvariantCulture),
        };
        if (graph.Nodes.OfType<Normalize>().FirstOrDefault() is { } normalize)
        {
            entries["normalization_mean"] = List(normalize.Mean);
            entries["normalization_deviation"] = List(normalize.Std);
        }
        if (graph.IsQuantized) entries["bit_widths"] = BitWidthsOf(graph);
        foreach (var (key, value) in options.Metadata) entries[key] = value;
        return entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value });
    }

    static string List(IEnumerable<double> values) => new JsonArray([.. values.Select(value => (JsonNode)value)]).ToJsonString();

    /// <summary>For each layer the bits of its weights and of its input: {"conv1": [8, 8], ...}.</summary>
    static string BitWidthsOf(Graph graph)
    {
        var layers = Summary.Of(graph).Nodes.Where(node => node.WeightBitWidth is not null);
        return new JsonObject(layers.Select(layer => KeyValuePair.Create(layer.Name, (JsonNode?)new JsonArray(layer.WeightBitWidth, layer.InputBitWidth)))).ToJsonString();
    }
}
