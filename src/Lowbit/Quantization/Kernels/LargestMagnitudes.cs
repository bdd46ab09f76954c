using System.Numerics.Tensors;

namespace Lowbit.Quantization.Kernels;

/// <summary>Values whose magnitudes are ranked, in memory or computed when they are asked for.</summary>
interface IMagnitudes
{
    /// <summary>How many there are.</summary>
    long Count { get; }

    /// <summary>How many lie together, of which blocks are made.</summary>
    int Granule { get; }

    /// <summary>The largest magnitude of a block, or of what of it there is.</summary>
    float Largest(long first, long count);

    /// <summary>Writes the magnitudes of a block, or of what of it there is.</summary>
    void Write(long first, Span<float> magnitudes);
}

/// <summary>Values that lie in memory.</summary>
readonly unsafe struct MagnitudesInMemory(float* x, long count) : IMagnitudes
{
    public long Count => count;

    public int Granule => 16;

    public float Largest(long first, long part) => MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(x + first, (int)part)));

    public void Write(long first, Span<float> magnitudes) => TensorPrimitives.Abs(new ReadOnlySpan<float>(x + first, magnitudes.Length), magnitudes);
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
        int parts = Workers.PartsFor(count);
        var maxima = new float[(count + block - 1) / block];
        Workers.Run(count, block, parts, (first, part, _) =>
        {
            for (long at = first; at < first + part; at += block) maxima[at / block] = x.Largest(at, Math.Min(block, count - at));
        });
        float bound = m <= maxima.Length ? Ranked([.. maxima], (int)m) : 0;
        var candidates = new List<(float Magnitude, long Index)>[parts];
        Workers.Run(count, block, parts, (first, part, worker) =>
        {
            List<(float, long)> reaching = candidates[worker] = [];
            Span<float> values = new float[block];
            for (long at = first; at < first + part; at += block)
            {
                if (maxima[at / block] < bound) continue;
                Span<float> magnitudes = values[..(int)Math.Min(block, count - at)];
                x.Write(at, magnitudes);
                for (int i = 0; i < magnitudes.Length; i++)
                    if (!(magnitudes[i] < bound)) reaching.Add((magnitudes[i], at + i));
            }
        });
        return Ranked([.. candidates.SelectMany(reaching => reaching ?? [])], m);
    }

    /// <summary>The m-th largest; among equal ones, those in front come first.</summary>
    static (float Magnitude, long Index) Ranked((float Magnitude, long Index)[] candidates, long m)
    {
        float found = Ranked([.. candidates.Select(candidate => candidate.Magnitude)], (int)m);
        long greater = candidates.LongCount(candidate => candidate.Magnitude.CompareTo(found) > 0);
        return candidates.Where(candidate => candidate.Magnitude.Equals(found)).ElementAt((int)(m - greater - 1));
    }

    /// <summary>The m-th largest value, in one pass on average; moves the values about. Hoare 1961, "Algorithm 65: Find". NaN is the smallest.</summary>
    static float Ranked(Span<float> values, int m)
    {
        int wanted = values.Length - m, low = 0, high = values.Length - 1;
        while (low < high)
        {
            float pivot = values[low + (high - low) / 2];
            int left = low, right = high;
            while (left <= right)
            {
                while (values[left].CompareTo(pivot) < 0) left++;
                while (values[right].CompareTo(pivot) > 0) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }
            if (wanted <= right) high = right;
            else if (wanted >= left) low = left;
            else break;
        }
        return values[wanted];
    }
}
