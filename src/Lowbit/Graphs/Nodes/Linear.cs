namespace Lowbit.Graphs.Nodes;

/// <summary>A fully connected layer. Weight [channels, input features].</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes: a vector of features.</param>
/// <param name="Channels">Output features.</param>
/// <param name="Bias">Whether a bias is added.</param>
/// <param name="WeightQuantizer">How the weights are quantized; null keeps them float.</param>
/// <param name="BiasBitWidth">Bits of a quantized bias, at scale input scale x weight scale; null keeps it float.</param>
public sealed record Linear(
    string Name, string From, int Channels, bool Bias = true, WeightQuantizer? WeightQuantizer = null, int? BiasBitWidth = null)
    : UnaryNode(Name, From), IWeighted
{
    /// <inheritdoc/>
    public override string Kind => "linear";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0].IsFlat
        ? Shape.Flat(Outputs(this))
        : throw Refuse($"takes a vector of features, and its input {From} is an image of {inputs[0]}; flatten it first");

    /// <inheritdoc/>
    public override NodeCost Cost(ReadOnlySpan<Shape> inputs)
    {
        long weights = (long)Channels * inputs[0].Channels;
        return new(weights, Bias ? Channels : 0, weights, WeightQuantizer?.ParameterCount(Channels) ?? 0);
    }

    /// <inheritdoc/>
    public int ProductsPerOutput(Shape input) => input.Channels;

    /// <inheritdoc/>
    public Node WithQuantizers(WeightQuantizer? weights, int? biasBitWidth) => this with { WeightQuantizer = weights, BiasBitWidth = biasBitWidth };
}
