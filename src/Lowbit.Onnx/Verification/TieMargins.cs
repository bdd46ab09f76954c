using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// How surely images give the integers that they give, whoever computes them in single precision: of each value, its distance from a tie as a multiple of what a
/// network in float32 is off in that channel at most; of an image, the least of its values'.
/// </summary>
/// <param name="exact">The network in double precision.</param>
/// <param name="single">The same in float32, node by node.</param>
sealed class TieMargins(Network exact, Network single)
{
    /// <summary>The least that single precision is taken to be off, in steps.</summary>
    const double LeastError = 1e-8;

    readonly Quantize[] quantizers = [.. exact.Graph.Nodes.OfType<Quantize>()];

    /// <summary>The margin of each image; 0 where the two networks' integers differ.</summary>
    /// <param name="batches">Images [N, ...], as many as shall be in memory at a time.</param>
    public double[] Of(IEnumerable<Tensor> batches)
    {
        using var scope = NewDisposeScope();
        var measured = batches.Select(Measure).ToArray();
        Tensor margins = cat([.. measured.Select(batch => batch.Agrees.to(float64))]) * CachedScalar.Of(double.PositiveInfinity);
        foreach (Quantize quantizer in quantizers)
        {
            Tensor distances = cat([.. measured.Select(batch => batch.Distances[quantizer.Name])]);
            Tensor errors = stack(measured.Select(batch => batch.Errors[quantizer.Name])).amax([0]).clamp_min(CachedScalar.Of(LeastError));
            margins = minimum(margins, (distances / errors).amin([1]));
        }
        return margins.nan_to_num(0).data<double>().ToArray();
    }

    /// <summary>Whether each image's integers are the same, [N]; its values' least distance from a tie, [N, C] by quantizer; and what float32 is off at most where they are, [C].</summary>
    (Tensor Agrees, Dictionary<string, Tensor> Distances, Dictionary<string, Tensor> Errors) Measure(Tensor images)
    {
        using var scope = NewDisposeScope();
        var (expected, actual) = (QuantizerLevels.Of(exact, images), QuantizerLevels.Of(single, images));
        Tensor agrees = ones(images.shape[0], dtype: @bool);
        foreach (var (quantizer, levels) in expected)
        {
            using var step = NewDisposeScope();   // a network's quantizers together have too many values to keep what is computed of each
            IntegerRange range = RangeOf(quantizer);
            Tensor same = QuantizerLevels.Integers(levels, range).eq(QuantizerLevels.Integers(actual[quantizer], range));
            agrees = agrees.logical_and(ByChannel(same, values => values.all(2)).all(1)).MoveToOuterDisposeScope();
        }
        var (distances, errors) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (var (quantizer, levels) in expected)
        {
            using var step = NewDisposeScope();
            IntegerRange range = RangeOf(quantizer);
            distances[quantizer] = ByChannel(QuantizerLevels.DistanceFromTie(InRange(levels, range), range), distance => distance.amin([2])).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            Tensor off = (InRange(levels, range) - InRange(actual[quantizer], range)).abs();
            errors[quantizer] = (ByChannel(off, error => error.amax([2])) * agrees.unsqueeze(1)).amax([0]).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
        }
        return (agrees.MoveToOuterDisposeScope(), distances, errors);
    }

    IntegerRange RangeOf(string quantizer) => ((Quantize)exact.Graph[quantizer]).Quantizer.Range;

    /// <summary>Beyond the range no other integer is near.</summary>
    static Tensor InRange(Tensor levels, IntegerRange range) => range.IsBinary ? levels : levels.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));

    /// <summary>[N, C] of [N, C, H, W] or [N, C].</summary>
    static Tensor ByChannel(Tensor values, Func<Tensor, Tensor> over) => over(values.flatten(1).reshape(values.shape[0], values.shape[1], -1));
}
