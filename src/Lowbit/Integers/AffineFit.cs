using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Integers;

/// <summary>The numbers of <c>clamp((x * multiplier + addend) >> shift, low, high)</c>.</summary>
public readonly record struct Affine(int Multiplier, long Addend, int Shift);

/// <summary>
/// Finds a multiplier m, an addend a and a shift k that step exactly where a step function does, over all integers of an interval: the output reaches q at the threshold T,
/// and not before, where <c>m T + a >= q 2^k</c> and <c>m (T - 1) + a &lt; q 2^k</c>. For each m all thresholds together leave an interval of a; where it is empty, the two
/// that contradict each other say on which side m must lie. So the search ends with numbers that are exact, or with the proof that there are none.
/// </summary>
public sealed class AffineFit
{
    const int LargestShift = 53;

    /// <summary>Where the output must be so much or more.</summary>
    readonly List<(long X, int Output)> reached = [];

    /// <summary>Where the output must be less.</summary>
    readonly List<(long X, int Output)> below = [];

    readonly bool falling;

    AffineFit(Thresholds steps, Interval range, int low, int high)
    {
        // A falling function is a rising one of the negated integer.
        falling = steps.Falling;
        int count = steps.At.Length, first = falling ? steps.First - count : steps.First;
        for (int i = 0; i < count; i++)
        {
            long threshold = falling ? 1L - steps.At[count - 1 - i] : steps.At[i];
            reached.Add((threshold, first + i + 1));
            below.Add((threshold - 1, first + i + 1));
        }
        if (first > low) reached.Add((falling ? -(long)range.High : range.Low, first));
        if (first + count < high) below.Add((falling ? -(long)range.Low : range.High, first + count + 1));
    }

    /// <summary>Numbers that are exact, of those the ones with the smallest shift, which have the fewest bits; null where there are none.</summary>
    /// <param name="steps">The step function.</param>
    /// <param name="range">The integers that it is for.</param>
    /// <param name="low">The lowest output that the clamp leaves.</param>
    /// <param name="high">The highest output that the clamp leaves.</param>
    public static Affine? Find(Thresholds steps, Interval range, int low, int high)
    {
        if (steps.At.IsEmpty) return new(0, steps.First, 0);
        var fit = new AffineFit(steps, range, low, high);
        // What a shift can do, a larger one can, too, as long as the multiplier has 32 bits and the product 64: the first that has decides.
        for (int shift = LargestShift; shift >= 0; shift--)
        {
            Affine? found = fit.Solve(shift, out bool isTooLarge);
            if (found is { } affine && Leaves64Bits(affine, range)) continue;
            if (found is not null) return fit.WithSmallestShift(found.Value);
            if (!isTooLarge) return null;
        }
        return null;
    }

    Affine WithSmallestShift(Affine found)
    {
        for (int low = 0; low < found.Shift;)
        {
            int middle = (low + found.Shift) / 2;
            if (Solve(middle, out _) is { } smaller) found = smaller;
            else low = middle + 1;
        }
        return found;
    }

    /// <summary>Numbers of a shift; where there are none, whether there could be some if the multiplier had more bits.</summary>
    Affine? Solve(int shift, out bool isTooLarge)
    {
        Int128 one = Int128.One << shift, low = 1, high = int.MaxValue, m = Guess(one);
        isTooLarge = false;
        for (m = Int128.Clamp(m, low, high); low <= high; m = low + (high - low) / 2)
        {
            var (least, from) = Least(m, one);
            var (most, to) = Most(m, one);
            if (least <= most)
                return least + (most - least) / 2 is var a && a >= long.MinValue && a <= long.MaxValue ? new((int)(falling ? -m : m), (long)a, shift) : null;
            // (q - q') 2^k + 1 <= m (x - x') is what m does not fulfil.
            Int128 needed = (Int128)(from.Output - to.Output) * one + 1;
            long distance = from.X - to.X;
            if (distance > 0) low = Ceiling(needed, distance);
            else if (distance < 0) high = Floor(-needed, -distance);
            else return null;
            isTooLarge = low > int.MaxValue;
        }
        return null;
    }

    /// <summary>The slope between the first and the last threshold.</summary>
    Int128 Guess(Int128 one)
    {
        var (first, last) = (reached[0], below[reached.Count > 1 ? Math.Min(below.Count, reached.Count) - 1 : 0]);
        return (last.Output - first.Output) * one / Math.Max(1, last.X - first.X);
    }

    /// <summary>The least addend for a multiplier, and what asks for it.</summary>
    (Int128, (long X, int Output)) Least(Int128 m, Int128 one)
    {
        var (least, by) = (Int128.MinValue, reached[0]);
        foreach (var point in reached)
            if (point.Output * one - m * point.X is var addend && addend > least) (least, by) = (addend, point);
        return (least, by);
    }

    /// <summary>The largest addend for a multiplier, and what asks for it.</summary>
    (Int128, (long X, int Output)) Most(Int128 m, Int128 one)
    {
        var (most, by) = (Int128.MaxValue, below[0]);
        foreach (var point in below)
            if (point.Output * one - 1 - m * point.X is var addend && addend < most) (most, by) = (addend, point);
        return (most, by);
    }

    static bool Leaves64Bits(Affine affine, Interval range) => new[] { range.Low, range.High }
        .Any(x => (Int128)x * affine.Multiplier + affine.Addend is var sum && (sum > long.MaxValue || sum < long.MinValue));

    static Int128 Floor(Int128 value, Int128 divisor) => value / divisor - (value % divisor < 0 ? 1 : 0);

    static Int128 Ceiling(Int128 value, Int128 divisor) => -Floor(-value, divisor);
}
