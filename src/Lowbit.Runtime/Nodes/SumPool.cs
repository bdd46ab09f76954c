using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>The sum of each window, windows side by side, its lowest bits dropped (rounding down): an average pool in integers.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The value that it takes.</param>
/// <param name="Kernel">Height and width of the window.</param>
/// <param name="Shift">Bits that are dropped, 0 to 31.</param>
public sealed record SumPool(string Name, string From, int Kernel, int Shift) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (shape, ranges) = (inputs[0].Shape, inputs[0].Ranges);
        if (Shift is < 0 or > 31) throw Refuse($"{Shift} bits cannot be dropped; 0 to 31 can");
        ValueShape output = Slide(shape, shape.Channels, Kernel, Kernel, 0);
        long area = (long)Kernel * Kernel;
        return new(output, [.. ranges.Select(range => Checked("a sum", area * range.Low, area * range.High)).Select(sum => new Interval(sum.Low >> Shift, sum.High >> Shift))]);
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        ValueShape input = given[0].Shape;
        int height = input.Height / Kernel, width = input.Width / Kernel, at = 0;
        for (int channel = 0; channel < input.Channels; channel++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    Vector<int> sum = Vector<int>.Zero;
                    for (int row = y * Kernel; row < (y + 1) * Kernel; row++)
                        for (int column = x * Kernel; column < (x + 1) * Kernel; column++)
                            sum += inputs[0][(channel * input.Height + row) * input.Width + column];
                    output[at++] = Vector.ShiftRightArithmetic(sum, Shift);
                }
    }
}
