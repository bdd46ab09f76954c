using Lowbit.Graphs.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Graphs.Nodes;

/// <summary>An image as a vector of features, channel by channel.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
public sealed record Flatten(string Name, string From) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0].Elements <= int.MaxValue
        ? Shape.Flat((int)inputs[0].Elements)
        : throw Refuse($"a vector of {inputs[0].Elements} features is too long");

    internal override bool KeepsScale => true;

    internal override bool IsPositive(ReadOnlySpan<bool> inputs) => inputs[0];

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) => inputs[0];

    internal override IntegerNode InIntegers(string name, ReadOnlySpan<(string Name, IntegerType Type)> inputs) => new IntegerFlatten(name, inputs[0].Name);
}
