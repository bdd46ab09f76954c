namespace Lowbit.Graphs;

/// <summary>The integers that a quantized value can take.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
/// <param name="IsBinary">Only <paramref name="Low"/> and <paramref name="High"/> themselves (-1 and +1), by sign; 0 counts as +1.</param>
public readonly record struct IntegerRange(int Low, int High, bool IsBinary = false)
{
    /// <summary>0 .. 2^bits - 1.</summary>
    public static IntegerRange Unsigned(int bitWidth) => new(0, (1 << bitWidth) - 1);

    /// <summary>-2^(bits-1) .. 2^(bits-1) - 1, one more at the low end given up when narrow; -1 and +1 at one bit.</summary>
    public static IntegerRange Signed(int bitWidth, bool narrow = false) => bitWidth == 1
        ? new(-1, 1, IsBinary: true)
        : new(-(1 << (bitWidth - 1)) + (narrow ? 1 : 0), (1 << (bitWidth - 1)) - 1);

    /// <summary>The bits of a quantizer, if there can be one of so many.</summary>
    /// <exception cref="GraphException">There cannot.</exception>
    public static int CheckedBitWidth(int bitWidth) => bitWidth is >= 1 and <= 8
        ? bitWidth
        : throw new GraphException($"A quantizer of {bitWidth} bits is not possible; it has 1 to 8");

    /// <summary>Whether negative integers belong to the range.</summary>
    public bool IsSigned => Low < 0;
}
