using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>An image as a vector of features, channel by channel.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The value that it takes.</param>
public sealed record IntegerFlatten(string Name, string From) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (shape, ranges) = (inputs[0].Shape, inputs[0].Ranges);
        return new(new(shape.Elements, 1, 1), [.. ranges.SelectMany(range => Enumerable.Repeat(range, shape.Pixels))]);
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output) => inputs[0].CopyTo(output, 0);
}
