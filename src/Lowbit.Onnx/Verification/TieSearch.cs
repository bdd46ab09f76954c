using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// Tells whether other logits come from a rounding tie. They do where, in the first quantizer whose integers differ, each value whose integer differs lies
/// so near to the middle between two integers that rounding may take it to either.
/// </summary>
/// <param name="exact">The network in double precision.</param>
/// <param name="nearness">What the other computation may be off, in steps of a quantizer.</param>
sealed class TieSearch(Network exact, double nearness)
{
    readonly Quantize[] quantizers = [.. exact.Graph.Nodes.OfType<Quantize>()];

    /// <summary>The integers of each quantizer whose value a network computes on its own, by the quantizer's name; they belong to the caller's scope.</summary>
    public static Dictionary<string, Tensor> IntegersOf(Network network, Tensor images)
    {
        var integers = new Dictionary<string, Tensor>();
        network.Run(images, (node, value) =>
        {
            if (node is Quantize) integers.Add(node.Name, QuantizerLevels.Of(value.Value, value.Scale!, value.ZeroPoint).round().MoveToOuterDisposeScope());
        });
        return integers;
    }

    /// <summary>For each image of a batch, whether its integers, computed by something else, first differ at ties.</summary>
    /// <param name="images">[N, ...].</param>
    /// <param name="integers">By quantizer, in the shapes of their values; a quantizer may be missing that is fused with the next one.</param>
    public bool[] FirstDifferAtTies(Tensor images, IReadOnlyDictionary<string, Tensor> integers)
    {
        using var scope = NewDisposeScope();
        var levels = QuantizerLevels.Of(exact, images);
        bool?[] verdicts = new bool?[images.shape[0]];
        foreach (Quantize quantizer in quantizers.Where(quantizer => integers.ContainsKey(quantizer.Name)))
        {
            using var step = NewDisposeScope();
            Tensor differs = integers[quantizer.Name].to(float64).ne(QuantizerLevels.Integers(levels[quantizer.Name], quantizer.Quantizer.Range));
            Tensor unexplained = differs.logical_and(NearTie(quantizer, levels, integers).logical_not());
            bool[] any = Any(differs), far = Any(unexplained);
            for (int i = 0; i < verdicts.Length; i++)
                if (any[i]) verdicts[i] ??= !far[i];
        }
        return [.. verdicts.Select(verdict => verdict ?? false)];
    }

    /// <summary>Where a value lies near a tie, here or in a quantizer before it that was fused with this one, element by element.</summary>
    Tensor NearTie(Quantize quantizer, Dictionary<string, Tensor> levels, IReadOnlyDictionary<string, Tensor> integers)
    {
        Tensor near = QuantizerLevels.DistanceFromTie(levels[quantizer.Name], quantizer.Quantizer.Range).le(CachedScalar.Of(nearness));
        foreach (Quantize hidden in HiddenBefore(exact.Graph[quantizer.From], integers)) near = near.logical_or(NearTie(hidden, levels, integers));
        return near;
    }

    IEnumerable<Quantize> HiddenBefore(Node node, IReadOnlyDictionary<string, Tensor> integers) => node switch
    {
        Quantize quantize => integers.ContainsKey(quantize.Name) ? [] : [quantize],
        Relu or Add => node.Inputs.SelectMany(input => HiddenBefore(exact.Graph[input], integers)),
        _ => [],
    };

    /// <summary>For each image whether any of its elements is true.</summary>
    static bool[] Any(Tensor flags) => flags.flatten(1).any(1).data<bool>().ToArray();
}
