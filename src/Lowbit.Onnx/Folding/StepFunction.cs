using System.Collections.Immutable;
using Lowbit.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>
/// What a requantization does in one channel, as a function that only rises: of its integer, or of the integer's negative.
/// </summary>
/// <param name="IsFalling">Whether it is a function of the negative.</param>
/// <param name="Range">What the integer (or its negative) can be.</param>
/// <param name="First">The output at the lowest integer.</param>
/// <param name="At">The integers from which on the output is <c>First + 1</c>, <c>First + 2</c> and so on; one that stands there twice is a step of two.</param>
/// <param name="Slope">About how much the output rises with the integer.</param>
sealed record StepFunction(bool IsFalling, Interval Range, int First, ImmutableArray<long> At, double Slope)
{
    /// <summary>Whether the output is the same for every integer.</summary>
    public bool IsConstant => At.IsEmpty;

    /// <summary>How often each output was seen; null where nothing was.</summary>
    public OutputShares? Seen { get; init; }

    /// <summary>About the share of all sums that one integer at the step to an output is.</summary>
    public double ShareAt(int output) => Seen is not null && At.Length > 1 ? Slope * Seen.DensityAt(output) : 1.0 / (At[^1] - At[0] + 1);

    /// <summary>The function of a channel.</summary>
    /// <param name="node">The requantization.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="range">What its integer can be.</param>
    public static StepFunction Of(Requantize node, int channel, Interval range)
    {
        int row = node.Multipliers.Length == 1 ? 0 : channel;
        if (node.Exceptions.FirstOrDefault(exception => exception.Channel == row) is { } thresholds) return Of(thresholds, range);
        long multiplier = node.Multipliers[row], addend = node.Addends[row];
        int shift = node.Shifts[row];
        bool isFalling = multiplier < 0;
        if (isFalling) (multiplier, range) = (-multiplier, Negative(range));
        int first = At(range.Low), last = At(range.High);
        var steps = Enumerable.Range(first + 1, last - first).Select(output => (long)Ceiling(((Int128)output << shift) - addend, multiplier));
        return new(isFalling, range, first, [.. steps], multiplier / Math.ScaleB(1, shift));

        int At(int x) => (int)Math.Clamp((x * multiplier + addend) >> shift, node.Low, node.High);
    }

    /// <summary>The function of a table of integers, which only rises or only falls.</summary>
    /// <param name="table">The outputs for 0, 1, 2 and so on.</param>
    /// <param name="low">The lowest output that there is.</param>
    /// <param name="high">The highest output that there is.</param>
    public static StepFunction Of(ImmutableArray<int> table, int low, int high)
    {
        var steps = Enumerable.Range(1, table.Length - 1).SelectMany(i => Enumerable.Repeat(i, Math.Abs(table[i] - table[i - 1])));
        var (thresholds, range) = (new Thresholds(0, table[0], table[^1] < table[0], [.. steps]), new Interval(0, table.Length - 1));
        return AffineFit.Find(thresholds, range, low, high) is var (multiplier, addend, shift)
            ? Of(new("", "", low, high, [multiplier], [addend], [shift], []), 0, range)
            : Of(thresholds, range);
    }

    static StepFunction Of(Thresholds steps, Interval range)
    {
        if (!steps.Falling) return Of(false, range, steps.Apply(range.Low), [.. steps.At.Where(at => at > range.Low && at <= range.High).Select(at => (long)at)]);
        var inside = steps.At.Where(at => at > range.Low && at <= range.High).Reverse().Select(at => 1L - at);
        return Of(true, Negative(range), steps.Apply(range.High), [.. inside]);
    }

    static StepFunction Of(bool isFalling, Interval range, int first, ImmutableArray<long> at) =>
        new(isFalling, range, first, at, at.Length < 2 || at[^1] == at[0] ? 1 : (at.Length - 1.0) / (at[^1] - at[0]));

    static Interval Negative(Interval range) => new(-range.High, -range.Low);

    static Int128 Ceiling(Int128 value, Int128 divisor) => value / divisor + (value % divisor > 0 ? 1 : 0);
}
