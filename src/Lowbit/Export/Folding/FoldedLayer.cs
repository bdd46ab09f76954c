using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>
/// A convolution or linear layer together with the requantization after it, as engines compute them: the batch norm's factor is in the scale of the weights, its shift in
/// an int32 bias, and the weights of each channel are multiplied by a whole number, which makes the bias's unit finer.
/// </summary>
/// <param name="Factors">What the weights of each output channel are multiplied by; negative where the output falls, 0 where it is constant.</param>
/// <param name="Biases">One for each output channel, in units of the products.</param>
/// <param name="Ratios">What each channel's sums are multiplied by to give the output's integers.</param>
/// <param name="Misplaced">The share of each channel's sums, from its first step to its last, that have another output than in the integer network.</param>
sealed record FoldedLayer(int[] Factors, int[] Biases, double[] Ratios, double[] Misplaced)
{
    /// <summary>The largest share of sums with another output that weights of fewer bits may cost.</summary>
    const double LargestShare = 1e-4;

    /// <summary>The largest share of sums with another output in a channel: more are no matter of rounding.</summary>
    const double LargestMisplaced = 0.05;

    /// <summary>Whether next to no sum has another output.</summary>
    public bool IsAccurate => Misplaced.DefaultIfEmpty(0).Average() <= LargestShare;

    /// <summary>Folds a requantization into the layer before it.</summary>
    /// <param name="weights">The layer's weights, [channels, products].</param>
    /// <param name="sums">What its sums can be, by channel.</param>
    /// <param name="node">The requantization.</param>
    /// <param name="largest">The largest magnitude that a weight may have.</param>
    public static FoldedLayer Of(ReadOnlyMemory<sbyte> weights, IReadOnlyList<Interval> sums, Requantize node, int largest)
    {
        int channels = sums.Count, products = weights.Length / channels;
        var layer = new FoldedLayer(new int[channels], new int[channels], new double[channels], new double[channels]);
        Parallel.For(0, channels, channel =>
        {
            var function = StepFunction.Of(node, channel, sums[channel]);
            int most = FactorOf(weights.Span.Slice(channel * products, products), sums[channel], largest);
            var (factor, sum, misplaced) = Best(function, most, node);
            layer.Factors[channel] = function.IsConstant ? 0 : function.IsFalling ? -factor : factor;
            (layer.Biases[channel], layer.Ratios[channel], layer.Misplaced[channel]) = (sum.Bias, sum.Ratio, misplaced);
        });
        return layer;
    }

    /// <summary>Refuses a requantization that is no matter of a scale and a bias.</summary>
    /// <exception cref="LowbitException">Too many sums of a channel have another output.</exception>
    public void Require(Requantize node)
    {
        int worst = Array.IndexOf(Misplaced, Misplaced.Max());
        if (Misplaced[worst] > LargestMisplaced) throw node.Refuse($"no scale and bias round the sums of its channel {worst} as it does; export with --batch-norm keep");
    }

    /// <summary>The numbers of the largest factor that is exact, down to half of the largest possible; where none is, of the one with the fewest sums misplaced.</summary>
    static (int Factor, ScaledSum Sum, double Misplaced) Best(StepFunction function, int most, Requantize node)
    {
        if (function.IsConstant) return (0, new(function.First, 1), 0);
        (int Factor, ScaledSum Sum, double Misplaced) best = default;
        for (int factor = most; factor >= (most + 1) / 2; factor--)
        {
            ScaledSum sum = ScaledSum.Find(function, factor, node.Low, node.High);
            double misplaced = sum.Misplaced(function, factor, node.Low, node.High);
            if (best.Factor == 0 || misplaced < best.Misplaced) best = (factor, sum, misplaced);
            if (misplaced == 0) break;
        }
        return best;
    }

    /// <summary>The layer whose sums are the logits, each a multiple of its class's scale.</summary>
    public static FoldedLayer Of(ReadOnlyMemory<sbyte> weights, IReadOnlyList<Interval> sums, LogitsOutput logits, double inputScale, int largest)
    {
        int channels = sums.Count, products = weights.Length / channels;
        int[] factors = [.. Enumerable.Range(0, channels).Select(channel =>
            Math.Sign(logits.Scales[channel]) * FactorOf(weights.Span.Slice(channel * products, products), sums[channel], largest))];
        return new(factors, [], [.. factors.Select((factor, channel) => factor == 0 ? inputScale : logits.Scales[channel] / factor)], []);
    }

    /// <summary>The largest number that leaves a channel's weights within their bound, and its sums within int32.</summary>
    static int FactorOf(ReadOnlySpan<sbyte> weights, Interval sums, int largest)
    {
        int magnitude = 1;
        foreach (sbyte weight in weights) magnitude = Math.Max(magnitude, Math.Abs((int)weight));
        long reach = Math.Max(Math.Abs((long)sums.Low), Math.Abs((long)sums.High)) + 1;
        return (int)Math.Clamp(int.MaxValue / 2 / reach, 1, Math.Max(1, largest / magnitude));
    }
}
