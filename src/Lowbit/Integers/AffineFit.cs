using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Integers;

/// <summary>The numbers of <c>clamp((x * multiplier + addend) >> shift, low, high)</c>.</summary>
readonly record struct Affine(int Multiplier, long Addend, int Shift);

/// <summary>
/// Finds a multiplier, an addend and a shift that step exactly where a step function does, over all integers of an interval. With m the multiplier, a the addend and
/// k the shift, the output reaches q at the threshold T and not before where <c>m T + a >= q 2^k</c> and <c>m (T - 1) + a &lt; q 2^k</c>: all thresholds together leave
/// for each m an interval of a, and where it is empty the two of them that contradict each other say to which side m has to go.
/// </summary>
sealed class AffineFit
{
    const int LargestShift = 53;

    /// <summary>The output must be Output or more at At.</summary>
    readonly List<(long At, int Output)> reached = [];

    /// <summary>The output must be less than Output at At.</summary>
    readonly List<(long At, int Output)> below = [];

    readonly bool falling;
    readonly long steepest;

    AffineFit(Thresholds steps, Interval range, int low, int high)
    {
        // A falling function is a rising one of the negated integer.
        falling = steps.Falling;
        int count = steps.At.Length, first = falling ? steps.First - count : steps.First;
        long[] at = falling ? [.. steps.At.Reverse().Select(threshold => 1L - threshold)] : [.. steps.At.Select(threshold => (long)threshold)];
        var (lowest, highest) = falling ? (-(long)range.High, -(long)range.Low) : (range.Low, range.High);
        for (int i = 0; i < count; i++)
        {
            reached.Add((at[i], first + i + 1));
            below.Add((at[i] - 1, first + i + 1));
        }
        if (first > low) reached.Add((lowest, first));
        if (first + count < high) below.Add((highest, first + count + 1));
        steepest = Math.Max(1, (at[^1] - at[0]) / Math.Max(1, count));
        this.lowest = lowest;
        this.highest = highest;
    }

    readonly long lowest, highest;

    /// <summary>The numbers, with as large a shift as the multiplier's 32 bits allow; null where none are exact.</summary>
    /// <param name="steps">The step function.</param>
    /// <param name="range">The integers that it is for.</param>
    /// <param name="low">The lowest output that the clamp leaves.</param>
    /// <param name="high">The highest output that the clamp leaves.</param>
    public static Affine? Find(Thresholds steps, Interval range, int low, int high)
    {
        if (steps.At.IsEmpty) return new(0, steps.First, 0);
        var fit = new AffineFit(steps, range, low, high);
        // A shift that is too large for 32 bits is found at once; where a smaller one has a solution, the larger has it, too.
        for (int shift = LargestShift; shift >= 0; shift--)
            if (fit.Solve(shift, out bool isTooLarge) is { } found || !isTooLarge) return fit.Solve(shift, out _);
        return null;
    }
}
