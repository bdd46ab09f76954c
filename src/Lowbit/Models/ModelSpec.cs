using System.Collections.Immutable;
using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>Which network of the zoo, and for what images.</summary>
/// <param name="Name">Its name in <see cref="ModelZoo.Names"/>.</param>
/// <param name="Input">Channels, height and width of the images.</param>
/// <param name="Classes">Classes to tell apart.</param>
public sealed record ModelSpec(string Name, Shape Input, int Classes)
{
    /// <summary>How the network begins; only for those whose paper has a stem for large images.</summary>
    public Stem Stem { get; init; } = Stem.Auto;

    /// <summary>MobileNet's width multiplier: all channels times this.</summary>
    public double Width { get; init; } = 1;

    /// <summary>What brings raw pixels into the network's range, in front of its first layer; null where images come normalized.</summary>
    public Normalization? Normalization { get; init; }
}

/// <summary>The mean and the standard deviation of a dataset's pixels.</summary>
/// <param name="Mean">One for each channel, or one for all.</param>
/// <param name="Std">One for each channel, or one for all; not 0.</param>
public sealed record Normalization(ImmutableArray<double> Mean, ImmutableArray<double> Std)
{
    /// <summary>Pixels of 0 to 255 become -1 to 1, as BNN-PYNQ's networks take them.</summary>
    public static Normalization ToUnitRange { get; } = new([127.5], [127.5]);
}
