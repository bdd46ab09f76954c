namespace Lowbit.Graphs.Nodes;

/// <summary>Batch normalization with one mean, variance, weight and bias for the whole tensor, as BNN-PYNQ puts it after its last layer.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">Weight of a new batch in the running statistics.</param>
public sealed record TensorNorm(string Name, string From, double Epsilon = 1e-4, double Momentum = 0.1) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "tensor norm";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Epsilon >= 0 && Momentum is >= 0 and <= 1
        ? inputs[0]
        : throw Refuse($"an epsilon of {Epsilon} and a momentum of {Momentum} are not possible; they are 0 or more, and 0 to 1");

    internal override Pointwise Pointwise => Pointwise.Alike;

    /// <inheritdoc/>
    public override NodeCost Cost(ReadOnlySpan<Shape> inputs) => new(0, 2, 0);
}
