namespace Lowbit.Graphs.Nodes;

/// <summary>A two-dimensional convolution with a square kernel. Weight [channels, input channels / groups, kernel, kernel].</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
/// <param name="Stride">Pixels between two windows.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Groups">Groups of channels that do not see each other; as many as channels is depthwise.</param>
/// <param name="Bias">Whether a bias is added.</param>
/// <param name="WeightQuantizer">How the weights are quantized; null keeps them float.</param>
/// <param name="BiasBitWidth">Bits of a quantized bias, at scale input scale x weight scale; null keeps it float.</param>
public sealed record Conv(
    string Name, string From, int Channels, int Kernel, int Stride = 1, int Padding = 0, int Groups = 1, bool Bias = false,
    WeightQuantizer? WeightQuantizer = null, int? BiasBitWidth = null)
    : UnaryNode(Name, From), IWeighted
{
    /// <inheritdoc/>
    public override string Kind => Groups > 1 && Groups == Channels ? "depthwise conv" : "conv";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape image = Image(inputs);
        if (Groups < 1 || image.Channels % Groups != 0 || Channels % Groups != 0)
            throw Refuse($"its {image.Channels} input and {Channels} output channels do not divide into {Groups} groups");
        return new(Outputs(this), Slide(image.Height, Kernel, Stride, Padding), Slide(image.Width, Kernel, Stride, Padding));
    }

    /// <inheritdoc/>
    public override NodeCost Cost(ReadOnlySpan<Shape> inputs)
    {
        Shape output = InferShape(inputs);
        long weights = (long)Channels * ProductsPerOutput(inputs[0]);
        return new(weights, Bias ? Channels : 0, weights * output.Height * output.Width, WeightQuantizer?.ParameterCount(Channels) ?? 0);
    }

    /// <inheritdoc/>
    public int ProductsPerOutput(Shape input) => input.Channels / Groups * Kernel * Kernel;

    /// <inheritdoc/>
    public Node WithQuantizers(WeightQuantizer? weights, int? biasBitWidth) => this with { WeightQuantizer = weights, BiasBitWidth = biasBitWidth };
}
