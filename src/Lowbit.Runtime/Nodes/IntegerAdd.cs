using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>The sum of two values of one shape and one scale.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="Left">One operand.</param>
/// <param name="Right">The other operand.</param>
public sealed record IntegerAdd(string Name, string Left, string Right) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [Left, Right];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (left, right) = (inputs[0], inputs[1]);
        if (left.Shape != right.Shape) throw Refuse($"its operands differ in shape: {Left} is {left.Shape}, {Right} is {right.Shape}");
        return new(left.Shape, [.. left.Ranges.Zip(right.Ranges, (a, b) => Checked("a sum", (long)a.Low + b.Low, (long)a.High + b.High))]);
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        for (int i = 0; i < output.Length; i++) output[i] = inputs[0][i] + inputs[1][i];
    }
}
