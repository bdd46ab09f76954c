using Lowbit.Graphs;
using Lowbit.Training;
using Lowbit.Training.Health;

namespace Lowbit.Cli.Reports;

/// <summary>The network layer by layer.</summary>
sealed record LayersSection
{
    /// <summary>The convolutions and linear layers.</summary>
    public required IReadOnlyList<LayerRow> Layers { get; init; }

    /// <summary>All other nodes together.</summary>
    public required LayerRow Others { get; init; }

    /// <summary>The whole network.</summary>
    public required LayerRow Total { get; init; }

    /// <summary>The last rows of the table.</summary>
    public IReadOnlyList<LayerRow> Sums => [Others, Total];

    /// <summary>The quantizers of values between layers.</summary>
    public required IReadOnlyList<ActivationRow> Activations { get; init; }

    public required IReadOnlyList<WeightHistogram> Weights { get; init; }

    /// <summary>The epoch after which clipping was measured; 0 where it was not.</summary>
    public required int HealthEpoch { get; init; }

    /// <summary>Reads the network, and the run's record of its layers.</summary>
    public static LayersSection Of(ReportSource source, CancellationToken cancel)
    {
        Graph graph = source.Checkpoint.Graph;
        Dictionary<string, LayerHealth> health = HealthOf(source);
        Summary summary = Summary.Of(graph);
        HashSet<string> weighted = [.. graph.WeightedNodes.Select(layer => layer.Name)];
        return new()
        {
            Layers = [.. summary.Nodes.Where(node => weighted.Contains(node.Name)).Select(node => LayerRow.Of(node, health.GetValueOrDefault(node.Name)))],
            Others = LayerRow.Sum("all other nodes", summary.Nodes.Where(node => !weighted.Contains(node.Name))),
            Total = LayerRow.Sum("the network", summary.Nodes),
            Activations = ActivationRanges.Of(source, health, cancel),
            Weights = [.. graph.WeightedNodes.Select(layer => WeightHistogram.Of(source.Network, layer))],
            HealthEpoch = health.Count > 0 ? source.Checkpoint.Position.Epoch : 0,
        };
    }

    static Dictionary<string, LayerHealth> HealthOf(ReportSource source)
    {
        int epoch = source.Checkpoint.Position.Epoch;
        if (!source.Checkpoint.Graph.IsQuantized || epoch == 0) return [];
        Dictionary<string, LayerHealth> rows = source.Try("No clipped integers", () => HealthFile.Read(source.Folder.Health, epoch)[epoch].DistinctBy(row => row.Node).ToDictionary(row => row.Node)) ?? [];
        if (rows.Count == 0 && !source.Missing.Any(sentence => sentence.StartsWith("No clipped", StringComparison.Ordinal)))
            source.Miss("No clipped integers", $"{source.Folder.Health} has no row of epoch {epoch}");
        return rows;
    }
}

/// <summary>What a layer holds and does for one image; shares of its integers are 0 to 1, and null where they were not measured.</summary>
sealed record LayerRow(string Name, string Kind, string Output, long Parameters, long Macs, int? WeightBits, int? InputBits, long BitOperations, long FloatBytes, long PackedBytes)
{
    /// <summary>The share of weights at the ends of their range.</summary>
    public double? Clipped { get; init; }

    /// <summary>The share of weights that are 0.</summary>
    public double? Zero { get; init; }

    public int? DeadChannels { get; init; }

    public static LayerRow Of(NodeSummary node, LayerHealth? health) => new(
        Printable.Short(node.Name), node.Kind, node.Output.ToString(), node.Cost.Parameters, node.Cost.Macs, node.WeightBitWidth, node.InputBitWidth,
        node.BitOperations, node.FloatBytes, node.PackedBytes)
    {
        Clipped = health?.Clipped,
        Zero = health?.Zero,
        DeadChannels = health?.DeadChannels,
    };

    public static LayerRow Sum(string name, IEnumerable<NodeSummary> nodes) => new(
        name, "", "", nodes.Sum(node => node.Cost.Parameters), nodes.Sum(node => node.Cost.Macs), null, null,
        nodes.Sum(node => node.BitOperations), nodes.Sum(node => node.FloatBytes), nodes.Sum(node => node.PackedBytes));
}
