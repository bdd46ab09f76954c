using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>A convolution: sums of products of weights and values, in int32. What lies beside the image counts as 0.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The value that it takes.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Height and width of the window.</param>
/// <param name="Stride">Pixels between two windows.</param>
/// <param name="Padding">Pixels beside the image on each side.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
/// <param name="Weights">[channels, input channels / groups, kernel, kernel].</param>
public sealed record IntegerConv(string Name, string From, int Channels, int Kernel, int Stride, int Padding, int Groups, PackedIntegers Weights) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (shape, ranges) = (inputs[0].Shape, inputs[0].Ranges);
        if (Channels < 1 || Groups < 1 || shape.Channels % Groups != 0 || Channels % Groups != 0)
            throw Refuse($"{shape.Channels} input and {Channels} output channels do not divide into {Groups} groups");
        ValueShape output = Slide(shape, Channels, Kernel, Stride, Padding);
        int depth = shape.Channels / Groups;
        if (Padding > 0) ranges = [.. ranges.Select(range => range.Union(new(0, 0)))];
        return new(output, Sums.Infer(this, Weights, Channels, (long)depth * Kernel * Kernel, (channel, product) => ranges[GroupOf(channel) * depth + product / (Kernel * Kernel)]));
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        ValueShape input = given[0].Shape;
        int depth = input.Channels / Groups, at = 0;
        int height = (input.Height + 2 * Padding - Kernel) / Stride + 1, width = (input.Width + 2 * Padding - Kernel) / Stride + 1;
        Vector<int>[] values = inputs[0];
        ReadOnlySpan<sbyte> weights = Weights.Values;
        for (int channel = 0; channel < Channels; channel++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    Vector<int> sum = Vector<int>.Zero;
                    int top = y * Stride - Padding, left = x * Stride - Padding;
                    int firstRow = Math.Max(0, -top), lastRow = Math.Min(Kernel, input.Height - top);
                    int firstColumn = Math.Max(0, -left), lastColumn = Math.Min(Kernel, input.Width - left);
                    for (int c = 0; c < depth; c++)
                        for (int row = firstRow; row < lastRow; row++)
                        {
                            int weight = ((channel * depth + c) * Kernel + row) * Kernel;
                            int value = ((GroupOf(channel) * depth + c) * input.Height + top + row) * input.Width + left;
                            for (int column = firstColumn; column < lastColumn; column++) sum += values[value + column] * weights[weight + column];
                        }
                    output[at++] = sum;
                }
    }

    int GroupOf(int channel) => channel / (Channels / Groups);
}
