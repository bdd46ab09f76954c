using System.Collections.Concurrent;
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
/// <param name="Misplaced">About the share of each channel's sums that have another output than in the integer network.</param>
sealed record FoldedLayer(int[] Factors, int[] Biases, double[] Ratios, double[] Misplaced)
{
    /// <summary>The largest share of sums with another output in a channel: more are no matter of rounding.</summary>
    public const double LargestMisplaced = 0.05;

    /// <summary>Folds a requantization into the layer before it.</summary>
    /// <param name="weights">The layer's weights, [channels, products].</param>
    /// <param name="sums">What its sums can be, by channel.</param>
    /// <param name="node">The requantization.</param>
    /// <param name="seen">The outputs that were seen in each channel; asked for where a channel has no exact numbers.</param>
    /// <param name="largest">The largest magnitude that a weight may have.</param>
    public static FoldedLayer Of(ReadOnlyMemory<sbyte> weights, IReadOnlyList<Interval> sums, Requantize node, Func<OutputShares[]> seen, int largest)
    {
        int channels = sums.Count, products = weights.Length / channels;
        var layer = new FoldedLayer(new int[channels], new int[channels], new double[channels], new double[channels]);
        var inexact = new ConcurrentBag<(int Channel, StepFunction Function, int Most)>();
        Parallel.For(0, channels, channel =>
        {
            var function = StepFunction.Of(node, channel, sums[channel]);
            int most = FactorOf(weights.Span.Slice(channel * products, products), sums[channel], largest);
            if (function.IsConstant) layer.Set(channel, function, 0, new(function.First, 1), 0);
            else if (Exact(function, most, node) is var (factor, sum)) layer.Set(channel, function, factor, sum, 0);
            else inexact.Add((channel, function, most));
        });
        if (inexact.IsEmpty) return layer;
        OutputShares[] outputs = seen();
        Parallel.ForEach(inexact, entry =>
        {
            var function = entry.Function with { Seen = outputs[entry.Channel] };
            var (factor, sum, misplaced) = Nearest(function, entry.Most, node);
            layer.Set(entry.Channel, function, factor, sum, misplaced);
        });
        return layer;
    }

    /// <summary>Whether a scale and a bias do what is to be done with the sums, but for rounding.</summary>
    public bool IsPossible => Misplaced.All(share => share <= LargestMisplaced);

    void Set(int channel, StepFunction function, int factor, ScaledSum sum, double misplaced) =>
        (Factors[channel], Biases[channel], Ratios[channel], Misplaced[channel]) = (function.IsFalling ? -factor : factor, sum.Bias, sum.Ratio, misplaced);

    /// <summary>The largest factor that is exact, down to half of the largest possible.</summary>
    static (int Factor, ScaledSum Sum)? Exact(StepFunction function, int most, Requantize node)
    {
        foreach (int factor in FactorsFrom(most))
            if (ScaledSum.Exact(function, factor, node.Low, node.High) is { } sum && sum.Misplaced(function, factor, node.Low, node.High) == 0) return (factor, sum);
        return null;
    }

    /// <summary>The factor with the least share of sums misplaced.</summary>
    static (int Factor, ScaledSum Sum, double Misplaced) Nearest(StepFunction function, int most, Requantize node) => FactorsFrom(most)
        .Select(factor => (Factor: factor, Sum: ScaledSum.Nearest(function, factor, node.Low, node.High)))
        .Select(found => (found.Factor, found.Sum, Misplaced: found.Sum.Misplaced(function, found.Factor, node.Low, node.High)))
        .MinBy(found => found.Misplaced);

    static IEnumerable<int> FactorsFrom(int most) => Enumerable.Range(0, most - (most + 1) / 2 + 1).Select(less => most - less);

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
