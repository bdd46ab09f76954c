using Lowbit.Graphs.Integers;

namespace Lowbit.Graphs.Nodes;

/// <summary>max(x, 0).</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
public sealed record Relu(string Name, string From) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "relu";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

    internal override Pointwise Pointwise => Pointwise.Alike;

    internal override bool IsPositive(ReadOnlySpan<bool> inputs) => true;

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) => inputs[0] is { HasZeroPoint: false } input
        ? input with { Range = input.Range with { Low = Math.Max(input.Range.Low, 0), IsBinary = false } }
        : null;
}
