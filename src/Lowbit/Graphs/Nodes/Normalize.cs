using System.Collections.Immutable;

namespace Lowbit.Graphs.Nodes;

/// <summary>y = (x - mean) / deviation, by channel, with the constants of a dataset: raw pixels in, normalized values out.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Mean">One for each channel, or one for all.</param>
/// <param name="Std">One for each channel, or one for all; not 0.</param>
public sealed record Normalize(string Name, string From, ImmutableArray<double> Mean, ImmutableArray<double> Std) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "normalize";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        int channels = inputs[0].Channels;
        if (Mean.Length != Std.Length || (Mean.Length != 1 && Mean.Length != channels))
            throw Refuse($"has {Mean.Length} means and {Std.Length} deviations for an input of {channels} channels");
        if (Std.Contains(0)) throw Refuse("a deviation is 0");
        return inputs[0];
    }

    internal override Pointwise Pointwise => Mean.Length == 1 ? Pointwise.Alike : Pointwise.ByChannel;

    internal override Node WithSinglePrecision() => this with { Mean = [.. Mean.Select(mean => (double)(float)mean)], Std = [.. Std.Select(std => (double)(float)std)] };
}
