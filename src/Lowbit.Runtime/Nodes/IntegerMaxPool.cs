using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>The largest integer of each window. What lies beside the image never wins.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The value that it takes.</param>
/// <param name="Kernel">Height and width of the window.</param>
/// <param name="Stride">Pixels between two windows.</param>
/// <param name="Padding">Pixels beside the image on each side, at most half a window.</param>
public sealed record IntegerMaxPool(string Name, string From, int Kernel, int Stride, int Padding) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        if (2L * Padding > Kernel) throw Refuse($"its padding of {Padding} is more than half its window of {Kernel}x{Kernel}");
        return inputs[0] with { Shape = Slide(inputs[0].Shape, inputs[0].Shape.Channels, Kernel, Stride, Padding) };
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        ValueShape input = given[0].Shape, shape = Slide(input, input.Channels, Kernel, Stride, Padding);
        int at = 0;
        for (int channel = 0; channel < shape.Channels; channel++)
            for (int y = 0; y < shape.Height; y++)
                for (int x = 0; x < shape.Width; x++)
                {
                    var largest = new Vector<int>(int.MinValue);
                    for (int row = Math.Max(0, y * Stride - Padding); row < Math.Min(input.Height, y * Stride - Padding + Kernel); row++)
                        for (int column = Math.Max(0, x * Stride - Padding); column < Math.Min(input.Width, x * Stride - Padding + Kernel); column++)
                            largest = Vector.Max(largest, inputs[0][(channel * input.Height + row) * input.Width + column]);
                    output[at++] = largest;
                }
    }
}
