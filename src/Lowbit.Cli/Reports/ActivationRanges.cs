using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Cli.Reports;

/// <summary>What the quantizers between layers can represent, and what comes to them.</summary>
static class ActivationRanges
{
    /// <summary>Test images that the values are looked at for.</summary>
    const int Images = 32;

    public static IReadOnlyList<ActivationRow> Of(ReportSource source, IReadOnlyDictionary<string, LayerHealth> health, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var seen = (source.Images is { } data ? source.Try("No values in front of quantizers", () => ValuesOf(source, data, cancel)) : null) ?? [];
        return
        [
            .. source.Checkpoint.Graph.Nodes.OfType<Quantize>().Select(node =>
            {
                var (low, high) = RangeOf(source, node);
                LayerHealth? measured = health.GetValueOrDefault(node.Name);
                return new ActivationRow(Printable.Short(node.Name), node.Quantizer.BitWidth, low, high)
                {
                    Lowest = seen.TryGetValue(node.From, out var values) ? values.Lowest : null,
                    Highest = seen.TryGetValue(node.From, out values) ? values.Highest : null,
                    Clipped = measured?.Clipped,
                    Zero = measured?.Zero,
                    DeadChannels = measured?.DeadChannels,
                };
            }),
        ];
    }

    /// <summary>The lowest and the highest value that a quantizer gives; of channels with scales of their own, of all of them.</summary>
    static (double Low, double High) RangeOf(ReportSource source, Quantize node)
    {
        var (scale, zeroPoint) = source.Network.ActivationOf(node.Name).EvaluationScale;
        IntegerRange range = node.Quantizer.Range;
        Tensor zero = zeroPoint?.to(float64) ?? zeros(1, float64), steps = scale.to(float64);
        return ((zero.neg().add(CachedScalar.Of(range.Low)) * steps).min().item<double>(), (zero.neg().add(CachedScalar.Of(range.High)) * steps).max().item<double>());
    }

    /// <summary>The lowest and the highest value of each node that a quantizer takes, over some test images.</summary>
    static Dictionary<string, (double Lowest, double Highest)> ValuesOf(ReportSource source, DatasetSplits data, CancellationToken cancel)
    {
        HashSet<string> taken = [.. source.Checkpoint.Graph.Nodes.OfType<Quantize>().Select(node => node.From)];
        var found = new Dictionary<string, (double, double)>();
        using Batch batch = data.EvaluationLoader(data.Test, Images).Epoch(0, cancel: cancel).First();
        See(source.Checkpoint.Graph.Input.Name, batch.Images);
        source.Network.RunNodeByNode(batch.Images, (node, value) => See(node.Name, value.Value)).Dispose();
        return found;

        void See(string node, Tensor value)
        {
            cancel.ThrowIfCancellationRequested();
            if (!taken.Contains(node)) return;
            using var scope = NewDisposeScope();
            found[node] = (value.min().to(float64).item<double>(), value.max().to(float64).item<double>());
        }
    }
}

/// <summary>A quantizer between two layers: the range that it can represent, and the values that come to it, null where there were no images. Shares are 0 to 1.</summary>
sealed record ActivationRow(string Name, int Bits, double Low, double High)
{
    public double? Lowest { get; init; }

    public double? Highest { get; init; }

    /// <summary>The share of values at the ends of the range, 0 left out.</summary>
    public double? Clipped { get; init; }

    public double? Zero { get; init; }

    public int? DeadChannels { get; init; }
}
