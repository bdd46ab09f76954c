using Lowbit.Graphs.Integers;

namespace Lowbit.Graphs.Nodes;

/// <summary>Rounds a value to the integers of a quantizer, times its scale.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Quantizer">How.</param>
/// <param name="SharedWith">The Quantize node, earlier in the graph, whose scale and statistics this one uses; null where it has its own.</param>
public sealed record Quantize(string Name, string From, ActivationQuantizer Quantizer, string? SharedWith = null) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "quantize";

    /// <summary>The node that owns the scale: this one, or the one it shares with.</summary>
    public string Owner => SharedWith ?? Name;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

    internal override Pointwise Pointwise => Quantizer.PerChannel ? Pointwise.ByChannel : Pointwise.Alike;

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) =>
        new(Quantizer.Range, Quantizer.BitWidth, new(Owner), HasZeroPoint: Quantizer.Scale.HasZeroPoint);

    /// <inheritdoc/>
    public override NodeCost Cost(ReadOnlySpan<Shape> inputs) => SharedWith is not null
        ? default
        : new(0, Quantizer.ParameterCount(inputs[0].Channels), 0);
}
