using System.Collections.Immutable;

namespace Lowbit.Runtime.Nodes;

/// <summary>What the sums of products of a layer can reach, by interval arithmetic over its actual weights.</summary>
static class Sums
{
    /// <summary>The interval of each channel's sums.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="packed">Its weights, [channels, products].</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="products">Products in a sum.</param>
    /// <param name="inputOf">The interval of the value that a channel multiplies by its weight of a place.</param>
    /// <exception cref="LowbitException">There are not so many weights, or a sum, or a part of one in whatever order, could leave int32.</exception>
    public static ImmutableArray<Interval> Infer(IntegerNode node, PackedIntegers packed, int channels, long products, Func<int, int, Interval> inputOf)
    {
        if (packed.Fault is { } fault) throw node.Refuse(fault);
        if (packed.Count != channels * products) throw node.Refuse($"it has {packed.Count} weights; it takes {channels * products}");
        ReadOnlySpan<sbyte> weights = packed.Values;
        var ranges = ImmutableArray.CreateBuilder<Interval>(channels);
        for (int channel = 0; channel < channels; channel++)
        {
            long low = 0, high = 0, lowest = 0, highest = 0;
            for (int product = 0; product < products; product++)
            {
                int weight = weights[(int)(channel * products) + product];
                Interval input = inputOf(channel, product);
                long a = (long)weight * input.Low, b = (long)weight * input.High;
                low += Math.Min(a, b);
                high += Math.Max(a, b);
                lowest += Math.Min(0, Math.Min(a, b));
                highest += Math.Max(0, Math.Max(a, b));
            }
            node.Checked($"a sum of channel {channel}", lowest, highest);
            ranges.Add(new((int)low, (int)high));
        }
        return ranges.MoveToImmutable();
    }
}
