using System.Numerics.Tensors;

namespace Lowbit.Quantization.Kernels;

/// <summary>Values whose magnitudes are ranked, in memory or computed when they are asked for.</summary>
interface IMagnitudes
{
    /// <summary>How many there are.</summary>
    long Count { get; }

    /// <summary>How many lie together, of which blocks are made.</summary>
    int Granule { get; }

    /// <summary>One value.</summary>
    float this[long index] { get; }

    /// <summary>The largest magnitude of a block, or of what of it there is.</summary>
    float Largest(long first, long count);
}

/// <summary>Values that lie in memory.</summary>
readonly unsafe struct MagnitudesInMemory(float* x, long count) : IMagnitudes
{
    public long Count => count;

    public int Granule => 16;

    public float this[long index] => x[index];

    public float Largest(long first, long part) => MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(x + first, (int)part)));
}

/// <summary>
/// Finds the m-th largest magnitude of many values, for m much smaller than their number, in little more than one pass: the m-th largest of the blocks'
/// maxima is a bound that at least m values reach, so only the few blocks that reach it are looked through.
/// </summary>
static class LargestMagnitudes
{
    const int LargestBlock = 2048, BlocksForEach = 8;   // so many blocks for each value above the bound, or nearly all of them would reach it

    /// <summary>The m-th largest magnitude, m counted from 1, and where it is.</summary>
    public static (float Magnitude, long Index) Find<T>(T x, long m) where T : struct, IMagnitudes
    {
        long count = x.Count;
        int granules = (int)Math.Clamp(count / (BlocksForEach * m * x.Granule), 1, Math.Max(1, LargestBlock / x.Granule)), block = granules * x.Granule;
        var maxima = new float[(count + block - 1) / block];
        Workers.Run(count, block, Workers.PartsFor(count), (first, part, _) =>
        {
            for (long at = first; at < first + part; at += block) maxima[at / block] = x.Largest(at, Math.Min(block, count - at));
        });
        float bound = m <= maxima.Length ? Ranked(maxima, (int)m) : 0;
        var candidates = new List<(float Magnitude, long Index)>();
        for (int b = 0; b < maxima.Length; b++)
        {
            if (maxima[b] < bound) continue;
            for (long i = (long)b * block; i < Math.Min(count, (b + 1L) * block); i++)
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
