using Lowbit.Graphs.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Graphs.Nodes;

/// <summary>The largest value of each square window.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Kernel">Height and width of the window.</param>
/// <param name="Stride">Pixels between two windows.</param>
/// <param name="Padding">Pixels around the image, which never win.</param>
public sealed record MaxPool(string Name, string From, int Kernel, int Stride, int Padding = 0) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "max pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape image = Image(inputs);
        if (2 * Padding > Kernel) throw Refuse($"its padding of {Padding} is more than half its window of {Kernel}x{Kernel}");
        return new(image.Channels, Slide(image.Height, Kernel, Stride, Padding), Slide(image.Width, Kernel, Stride, Padding));
    }

    internal override bool KeepsScale => true;

    internal override bool IsPositive(ReadOnlySpan<bool> inputs) => inputs[0];

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) => inputs[0];

    internal override IntegerNode InIntegers(string name, ReadOnlySpan<(string Name, IntegerType Type)> inputs) => new IntegerMaxPool(name, inputs[0].Name, Kernel, Stride, Padding);
}
