using Lowbit.Runtime;

namespace Lowbit.Integers;

/// <summary>A node's value in integers: value = scale * integer + offset.</summary>
/// <param name="Integers">The node of the integer network that has the integers.</param>
/// <param name="Value">Their shape and ranges.</param>
/// <param name="Scales">One for all channels, or one for each.</param>
/// <param name="Offsets">One for all channels, or one for each; 0 but for sums of products with a bias.</param>
/// <param name="IsSum">Whether the integers are sums of products, which no layer takes as they are.</param>
public sealed record ScaledValue(string Integers, IntegerValue Value, double[] Scales, double[] Offsets, bool IsSum = false)
{
    /// <summary>Whether all channels have one scale and one offset.</summary>
    public bool IsPerTensor => Scales.Length == 1 && Offsets.Length == 1;

    /// <summary>The scale of a channel.</summary>
    public double ScaleOf(int channel) => Scales[Scales.Length == 1 ? 0 : channel];

    /// <summary>The offset of a channel.</summary>
    public double OffsetOf(int channel) => Offsets[Offsets.Length == 1 ? 0 : channel];
}
