namespace Lowbit.Graphs.Nodes;

/// <summary>Batch normalization by channel. Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">Weight of a new batch in the running statistics.</param>
/// <param name="InitialWeight">The factor of each channel before training.</param>
public sealed record BatchNorm(string Name, string From, double Epsilon = 1e-5, double Momentum = 0.1, double InitialWeight = 1) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "batch norm";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Epsilon >= 0 && Momentum is >= 0 and <= 1
        ? inputs[0]
        : throw Refuse($"an epsilon of {Epsilon} and a momentum of {Momentum} are not possible; they are 0 or more, and 0 to 1");

    internal override Node WithSinglePrecision() => this with { Epsilon = (float)Epsilon };

    internal override Pointwise Pointwise => Pointwise.ByChannel;

    /// <inheritdoc/>
    public override NodeCost Cost(ReadOnlySpan<Shape> inputs) => new(0, 2L * inputs[0].Channels, 0);
}
