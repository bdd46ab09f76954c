using System.Numerics;
using Lowbit.Graphs.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Graphs.Nodes;

/// <summary>
/// The mean of each square window, windows side by side. With <paramref name="OutputBitWidth"/> it is the mean in integers: the sum,
/// its lowest bits dropped until so many are left. Brevitas: TruncAvgPool2d.
/// </summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes; quantized, where the mean is truncated.</param>
/// <param name="Kernel">Height and width of the window, and the pixels between two windows.</param>
/// <param name="OutputBitWidth">Bits of the truncated mean; null for the exact one.</param>
public sealed record AveragePool(string Name, string From, int Kernel, int? OutputBitWidth = null) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "average pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape image = Image(inputs);
        if (OutputBitWidth is < 1 or > 8) throw Refuse($"{OutputBitWidth} output bits are not possible; a mean is truncated to 1 to 8");
        return new(image.Channels, Slide(image.Height, Kernel, Kernel, 0), Slide(image.Width, Kernel, Kernel, 0));
    }

    /// <summary>
    /// Bits that hold the sum of a window of unsigned values of <paramref name="inputBitWidth"/> bits, whatever they are. Brevitas says
    /// ceil(log2(kernel^2 * (2^bits - 1))), the same except for a largest sum of 2^n, which needs n + 1 bits.
    /// </summary>
    public int SumBitWidth(int inputBitWidth) => BitOperations.Log2((uint)(Kernel * Kernel * ((1 << inputBitWidth) - 1))) + 1;

    /// <summary>Bits of that sum that the mean drops; 0 where all are kept.</summary>
    public int DroppedBits(int inputBitWidth) => Math.Max(0, SumBitWidth(inputBitWidth) - (OutputBitWidth ?? int.MaxValue));

    internal override bool IsPositive(ReadOnlySpan<bool> inputs) => inputs[0];

    internal override IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs)
    {
        if (OutputBitWidth is not { } bits || inputs[0] is not { } input) return null;
        int area = Kernel * Kernel, dropped = DroppedBits(input.BitWidth);
        return input with
        {
            Range = new((input.Range.Low * area) >> dropped, (input.Range.High * area) >> dropped),
            BitWidth = bits,
            Scale = input.Scale with { Factor = input.Scale.Factor * (1 << dropped) / area },
            Terms = 1,
        };
    }

    internal override IntegerNode? InIntegers(string name, ReadOnlySpan<(string Name, IntegerType Type)> inputs) =>
        OutputBitWidth is null ? null : new SumPool(name, inputs[0].Name, Kernel, DroppedBits(inputs[0].Type.BitWidth));
}
