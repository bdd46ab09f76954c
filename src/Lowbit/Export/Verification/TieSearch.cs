using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// Tells whether other logits come from a rounding tie. They do where, in the first quantizer whose integers differ, each value whose integer differs lies
/// so near to the middle between two integers that single precision may round it to either.
/// </summary>
/// <param name="exact">The network in double precision.</param>
sealed class TieSearch(Network exact)
{
    /// <summary>What single precision may be off, in steps of a quantizer: some hundred times what was seen in trained networks.</summary>
    const double Nearness = 1e-3;

    readonly Quantize[] quantizers = [.. exact.Graph.Nodes.OfType<Quantize>()];

    /// <summary>The integers of each quantizer whose value a network computes on its own, by the quantizer's name; they belong to the caller's scope.</summary>
    public static Dictionary<string, Tensor> IntegersOf(Network network, Tensor images)
    {
        var integers = new Dictionary<string, Tensor>();
        network.Run(images, (node, value) =>
        {
            if (node is Quantize) integers.Add(node.Name, Levels(value.Value, value.Scale!, value.ZeroPoint).round().MoveToOuterDisposeScope());
        });
        return integers;
    }

    /// <summary>For each image of a batch, whether its integers, computed by something else, first differ at ties.</summary>
    /// <param name="images">[N, ...].</param>
    /// <param name="integers">By quantizer, in the shapes of their values; a quantizer may be missing that is fused with the next one.</param>
    public bool[] FirstDifferAtTies(Tensor images, IReadOnlyDictionary<string, Tensor> integers)
    {
        using var scope = NewDisposeScope();
        var levels = LevelsOf(images);
        bool?[] verdicts = new bool?[images.shape[0]];
        foreach (Quantize quantizer in quantizers.Where(quantizer => integers.ContainsKey(quantizer.Name)))
        {
            using var step = NewDisposeScope();
            Tensor differs = integers[quantizer.Name].to(float64).ne(Integers(levels[quantizer.Name], quantizer.Quantizer.Range));
            Tensor unexplained = differs.logical_and(NearTie(quantizer, levels, integers).logical_not());
            bool[] any = Any(differs), far = Any(unexplained);
            for (int i = 0; i < verdicts.Length; i++)
                if (any[i]) verdicts[i] ??= !far[i];
        }
        return [.. verdicts.Select(verdict => verdict ?? false)];
    }

    /// <summary>For each image of a batch the distance, in steps, between a tie and the value that comes nearest to one.</summary>
    /// <param name="images">[N, ...].</param>
    public double[] DistancesFromTies(Tensor images)
    {
        using var scope = NewDisposeScope();
        Tensor nearest = full(images.shape[0], double.PositiveInfinity, dtype: float64);
        RunThrough(images, (quantizer, levels) =>
        {
            // Beyond the range no other integer is near.
            IntegerRange range = quantizer.Quantizer.Range;
            Tensor inRange = range.IsBinary ? levels : levels.clamp(range.Low, range.High);
            nearest = minimum(nearest, DistanceFromTie(inRange, range).flatten(1).amin([1])).MoveToOuterDisposeScope();
        });
        return nearest.data<double>().ToArray();
    }

    Dictionary<string, Tensor> LevelsOf(Tensor images)
    {
        var levels = new Dictionary<string, Tensor>();
        RunThrough(images, (quantizer, value) => levels.Add(quantizer.Name, value.MoveToOuterDisposeScope()));
        return levels;
    }

    /// <summary>Shows what each quantizer rounds, in steps.</summary>
    void RunThrough(Tensor images, Action<Quantize, Tensor> show)
    {
        var takers = quantizers.ToLookup(quantizer => quantizer.From);
        exact.Run(images, (node, value) =>
        {
            foreach (Quantize taker in takers[node.Name])
            {
                var (scale, zeroPoint) = exact.ActivationOf(taker.Name).EvaluationScale;
                show(taker, Levels(value.Value, scale, zeroPoint));
            }
        }).Dispose();
    }

    /// <summary>Where a value lies near a tie, here or in a quantizer before it that was fused with this one, element by element.</summary>
    Tensor NearTie(Quantize quantizer, Dictionary<string, Tensor> levels, IReadOnlyDictionary<string, Tensor> integers)
    {
        Tensor near = DistanceFromTie(levels[quantizer.Name], quantizer.Quantizer.Range).le(Nearness);
        foreach (Quantize hidden in HiddenBefore(exact.Graph[quantizer.From], integers)) near = near.logical_or(NearTie(hidden, levels, integers));
        return near;
    }

    IEnumerable<Quantize> HiddenBefore(Node node, IReadOnlyDictionary<string, Tensor> integers) => node switch
    {
        Quantize quantize => integers.ContainsKey(quantize.Name) ? [] : [quantize],
        Relu or Add => node.Inputs.SelectMany(input => HiddenBefore(exact.Graph[input], integers)),
        _ => [],
    };

    static Tensor Levels(Tensor value, Tensor scale, Tensor? zeroPoint)
    {
        Tensor levels = value.to(float64) / scale.to(float64);
        return zeroPoint is null ? levels : levels + zeroPoint.to(float64);
    }

    /// <summary>How far each value is from the middle between two integers; from 0, where a sign is taken.</summary>
    static Tensor DistanceFromTie(Tensor levels, IntegerRange range) => range.IsBinary ? levels.abs() : (levels - levels.floor() - 0.5).abs();

    static Tensor Integers(Tensor levels, IntegerRange range) =>
        range.IsBinary ? levels.ge(0).to(float64) * 2 - 1 : levels.round().clamp(range.Low, range.High);

    /// <summary>For each image whether any of its elements is true.</summary>
    static bool[] Any(Tensor flags) => flags.flatten(1).any(1).data<bool>().ToArray();
}
