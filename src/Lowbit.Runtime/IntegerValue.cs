using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Lowbit.Runtime;

/// <summary>The shape of one image's value; a vector of features is features x 1 x 1. Values lie in memory channel by channel, row by row.</summary>
/// <param name="Channels">Channels, or features.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
public readonly record struct ValueShape(int Channels, int Height, int Width)
{
    /// <summary>The most elements that a value may have.</summary>
    public const int MaximumElements = 1 << 23;

    /// <summary>Pixels of one channel.</summary>
    [JsonIgnore]
    public int Pixels => Height * Width;

    /// <summary>Numbers in one image's value.</summary>
    [JsonIgnore]
    public int Elements => Channels * Pixels;

    /// <summary>Whether a value can have this shape.</summary>
    internal bool IsPossible => Channels >= 1 && Height >= 1 && Width >= 1 && (Int128)Channels * Height * Width <= MaximumElements;

    /// <summary>For people: 64x32x32.</summary>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}

/// <summary>The integers from <paramref name="Low"/> to <paramref name="High"/>.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest, not less.</param>
public readonly record struct Interval(int Low, int High)
{
    /// <summary>The smallest interval that holds both.</summary>
    public Interval Union(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}

/// <summary>What is known of a node's value before any image is: its shape, and the integers that each channel can take.</summary>
/// <param name="Shape">The shape for one image.</param>
/// <param name="Ranges">One interval for each channel: no image gives an integer outside.</param>
public sealed record IntegerValue(ValueShape Shape, ImmutableArray<Interval> Ranges);
