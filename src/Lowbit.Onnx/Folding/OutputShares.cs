namespace Lowbit.Export.Folding;

/// <summary>How often each output of a requantization was seen in one channel.</summary>
/// <param name="low">The lowest output that there is.</param>
/// <param name="counts">How often it, the next and so on, up to the highest, were seen.</param>
sealed class OutputShares(int low, int[] counts)
{
    /// <summary>What is added to every count, so that nothing that was not seen counts for nothing.</summary>
    const double Unseen = 0.02;

    readonly double total = counts.Sum();

    /// <summary>The share of values, for each step of the quantizer, at the step from the output before to an output.</summary>
    public double DensityAt(int output)
    {
        int above = output - low, below = above - 1;
        // The lowest and the highest output stand for all that is clipped, however far it is.
        double before = counts[below == 0 ? above : below], after = above == counts.Length - 1 ? before : counts[above];
        return ((before + after) / 2 + Unseen) / Math.Max(1, total);
    }
}
