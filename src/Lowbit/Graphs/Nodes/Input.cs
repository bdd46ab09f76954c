using System.Collections.Immutable;

namespace Lowbit.Graphs.Nodes;

/// <summary>The images that a network takes.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Shape">Channels, height and width of an image.</param>
public sealed record Input(string Name, Shape Shape) : Node(Name)
{
    /// <inheritdoc/>
    public override string Kind => "input";

    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [];

    /// <inheritdoc/>
    public override Node WithInputs(ImmutableArray<string> inputs) => this;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Shape is { Channels: >= 1, Height: >= 1, Width: >= 1 } or { Channels: >= 1, Height: 0, Width: 0 }
        ? Shape
        : throw Refuse($"images of {Shape} are not possible");
}
