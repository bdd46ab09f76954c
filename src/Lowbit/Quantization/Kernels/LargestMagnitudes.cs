using System.Numerics.Tensors;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// Finds the m-th largest magnitude of many values, for small m, in little more than one pass: the m-th largest of the blocks' maxima is a bound
/// that at least m values reach, so only the few blocks that reach it are looked through.
/// </summary>
static unsafe class LargestMagnitudes
{
    const int Block = 2048;

    /// <summary>The m-th largest |x| and where it is.</summary>
    /// <param name="x">The values.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="m">Which, counted from 1.</param>
    public static (float Magnitude, long Index) Find(float* x, long count, long m)
    {
        var maxima = new float[(count + Block - 1) / Block];
        Workers.Run(count, Block, Workers.PartsFor(count), (first, part, _) =>
        {
            for (long at = first; at < first + part; at += Block)
                maxima[at / Block] = MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(x + at, (int)Math.Min(Block, count - at))));
        });
        float bound = m <= maxima.Length ? Ranked(maxima, (int)m) : 0;
        var candidates = new List<(float Magnitude, long Index)>();
        for (int block = 0; block < maxima.Length; block++)
        {
            if (maxima[block] < bound) continue;
            for (long i = (long)block * Block; i < Math.Min(count, (block + 1L) * Block); i++)
                if (MathF.Abs(x[i]) is var magnitude && !(magnitude < bound)) candidates.Add((magnitude, i));
        }
        return candidates.OrderByDescending(candidate => candidate.Magnitude).ThenBy(candidate => candidate.Index).ElementAt((int)m - 1);
    }

    static float Ranked(float[] values, int m)
    {
        float[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted[^m];
    }
}
