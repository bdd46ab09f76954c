using System.Collections.Immutable;
using Lowbit.Graphs.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Graphs.Nodes;

/// <summary>The sum of two values of one shape: a residual connection.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Left">One operand.</param>
/// <param name="Right">The other operand.</param>
public sealed record Add(string Name, string Left, string Right) : Node(Name)
{
    /// <inheritdoc/>
    public override string Kind => "add";

    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [Left, Right];

    /// <inheritdoc/>
    public override Node WithInputs(ImmutableArray<string> inputs) => this with { Left = inputs[0], Right = inputs[1] };

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0] == inputs[1]
        ? inputs[0]
        : throw Refuse($"its operands differ in shape: {Left} is {inputs[0]}, {Right} is {inputs[1]}");

    internal override bool IsPositive(ReadOnlySpan<bool> inputs) => inputs[0] && inputs[1];

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) => inputs[0] is { } left && inputs[1] is { } right ? IntegerType.Sum(left, right) : null;

    internal override IntegerNode InIntegers(string name, ReadOnlySpan<(string Name, IntegerType Type)> inputs) => new IntegerAdd(name, inputs[0].Name, inputs[1].Name);
}
