using System.Numerics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// How loops walk through values whose channels are last in memory: in their order. What belongs to channels is repeated until it fills whole vectors: so many values
/// are a row. Sums are in double precision, of blocks that are summed in single precision.
/// </summary>
static class RowLayout
{
    /// <summary>Values that are computed side by side.</summary>
    public const int Lanes = 16;

    /// <summary>Values in a row, a multiple of the channels; 0 where that many values cannot be cut into such rows.</summary>
    public static int WidthFor(long values, int channels)
    {
        const int Short = 64;   // sums of shorter rows would wait for each other
        int width = channels * (Lanes / (int)BigInteger.GreatestCommonDivisor(channels, Lanes));
        if (values % width != 0) return 0;
        while (width < Short && values % (2 * width) == 0) width *= 2;
        return width;
    }

    /// <summary>Repeats what belongs to channels until it fills a row.</summary>
    public static float[] Wide(float[] byChannel, int width)
    {
        var wide = new float[width];
        for (int i = 0; i < width; i += byChannel.Length) byChannel.CopyTo(wide, i);
        return wide;
    }

    /// <summary>Values in a block: so few rows that sums in single precision err no more than the values that are summed.</summary>
    public static int Block(int width)
    {
        const int Rows = 8;
        return width * Rows;
    }
}
