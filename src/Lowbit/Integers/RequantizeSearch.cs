using Lowbit.Graphs;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Integers;

/// <summary>Makes the integer form of what lies between two integers: a multiplier, an addend and a shift for each channel where they are exact, else thresholds.</summary>
static class RequantizeSearch
{
    /// <summary>The integer form.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="from">The value that it takes.</param>
    /// <param name="function">What it computes.</param>
    /// <param name="output">The integers that the quantizer has.</param>
    public static Requantize Find(string name, ScaledValue from, ChainFunction function, IntegerRange output)
    {
        Interval[] ranges = from.IsPerTensor && function.IsPerTensor
            ? [from.Value.Ranges.Aggregate((a, b) => a.Union(b))]
            : [.. from.Value.Ranges];
        Thresholds[] steps = new StepSearch(x => function.Of(x, from, ranges.Length), ranges).Find();
        Affine?[] found = [.. steps.AsParallel().AsOrdered().Select(channel => AffineFit.Find(channel, ranges[channel.Channel], output.Low, output.High))];
        return new(name, from.Integers, output.Low, output.High,
            [.. found.Select(affine => affine?.Multiplier ?? 0)], [.. found.Select(affine => affine?.Addend ?? 0)], [.. found.Select(affine => affine?.Shift ?? 0)],
            [.. steps.Where(channel => found[channel.Channel] is null)]);
    }
}
