using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// What one thread sums up, by the place in a row: in single precision over a block, in double precision over all of them.
/// </summary>
/// <param name="width">Values in a row, a multiple of 16.</param>
sealed class RowSums(int width)
{
    readonly double[] sums = new double[width], products = new double[width];

    /// <summary>One for each thread.</summary>
    public static RowSums[] ForParts(int parts, int width) => [.. Enumerable.Range(0, parts).Select(_ => new RowSums(width))];

    /// <summary>Sums over the block so far.</summary>
    public float[] Partial { get; } = new float[width];

    /// <summary>Sums of products over the block so far.</summary>
    public float[] PartialProducts { get; } = new float[width];

    /// <summary>Adds the block's sums to those of all blocks, and begins the next.</summary>
    public void EndBlock()
    {
        Take(Partial, sums);
        Take(PartialProducts, products);
    }

    /// <summary>The sums of all threads, by channel.</summary>
    public static (double[] Sums, double[] Products) Total(RowSums[] parts, int channels)
    {
        var (sums, products) = (new double[channels], new double[channels]);
        foreach (RowSums part in parts)
            for (int i = 0; i < part.sums.Length; i++)
            {
                sums[i % channels] += part.sums[i];
                products[i % channels] += part.products[i];
            }
        return (sums, products);
    }

    static void Take(float[] partial, double[] total)
    {
        for (int i = 0; i < partial.Length; i += Vector512<float>.Count)
        {
            var (low, high) = Vector512.Widen(Vector512.Create(partial, i));
            (Vector512.Create(total, i) + low).CopyTo(total, i);
            (Vector512.Create(total, i + Vector512<double>.Count) + high).CopyTo(total, i + Vector512<double>.Count);
        }
        Array.Clear(partial);
    }
}
