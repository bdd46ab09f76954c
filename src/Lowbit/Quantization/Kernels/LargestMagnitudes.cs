using System.Numerics.Tensors;

namespace Lowbit.Quantization.Kernels;

/// <summary>Values whose magnitudes are ranked, in memory or computed when they are asked for.</summary>
interface IMagnitudes
{
    /// <summary>How many there are.</summary>
    long Count { get; }

    /// <summary>How many are computed together: blocks begin and end at multiples of it, but for the end of the last.</summary>
    int Granule { get; }

    /// <summary>One value, with its sign.</summary>
    float this[long index] { get; }

    /// <summary>The largest magnitude of a block, or of what of it there is.</summary>
    float Largest(long first, long count);

    /// <summary>Writes the magnitudes of a block, or of what of it there is.</summary>
    void Write(long first, Span<float> magnitudes);
}

/// <summary>Values that lie in memory.</summary>
readonly unsafe struct MagnitudesInMemory(float* x, long count) : IMagnitudes
{
    public long Count => count;

    public int Granule => 64;

    public float this[long index] => x[index];

    public float Largest(long first, long part) => MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(x + first, (int)part)));

    public void Write(long first, Span<float> magnitudes) => TensorPrimitives.Abs(new ReadOnlySpan<float>(x + first, magnitudes.Length), magnitudes);
}

/// <summary>
/// Finds the m-th largest magnitude of many values in one pass: a sample gives a bound that somewhat more than m values will reach, and only those that do are ranked.
/// </summary>
static class LargestMagnitudes
{
    const int Sampled = 16_384, BlockLength = 1024;

    /// <summary>The m-th largest magnitude, m counted from 1, and where it is.</summary>
    public static (float Magnitude, long Index) Find<T>(T x, long m) where T : struct, IMagnitudes
    {
        var reaching = Reaching(x, Bound(x, m));
        return Ranked(reaching.Length >= m ? reaching : Reaching(x, null), m);
    }

    /// <summary>A magnitude that twice as many values should reach as are wanted, and some more where few are wanted; null for all.</summary>
    static float? Bound<T>(T x, long m) where T : struct, IMagnitudes
    {
        long granules = x.Count / x.Granule;
        int taken = Math.Max(1, Sampled / x.Granule);
        long rank = 2 * m * taken / Math.Max(1, granules) + 4;
        if (granules < 2 * taken || rank > taken * x.Granule / 2) return null;

        var sample = new float[taken * x.Granule];
        for (int i = 0; i < taken; i++) x.Write(SampledGranule(i, granules) * x.Granule, sample.AsSpan(i * x.Granule, x.Granule));
        return Ranked(sample, (int)rank);
    }

    /// <summary>Which of the granules is the i-th of the sample: they spread evenly, and keep no step with rows and images.</summary>
    internal static long SampledGranule(int i, long granules)
    {
        const long Golden = 2_654_435_761;   // of 2^32
        return i * Golden % granules;
    }

    /// <summary>The values whose magnitudes reach a bound, in their order; numbers only. All values where there is no bound.</summary>
    static (float Magnitude, long Index)[] Reaching<T>(T x, float? bound) where T : struct, IMagnitudes
    {
        int block = x.Granule * Math.Max(1, BlockLength / x.Granule), parts = Workers.PartsFor(x.Count);
        var found = new List<(float, long)>[parts];
        Workers.Run(x.Count, block, parts, (first, part, worker) =>
        {
            List<(float, long)> reaching = found[worker] = [];
            Span<float> buffer = new float[block];
            for (long at = first; at < first + part; at += block)
            {
                int length = (int)Math.Min(block, first + part - at);
                if (x.Largest(at, length) < bound) continue;
                Span<float> magnitudes = buffer[..length];
                x.Write(at, magnitudes);
                for (int i = 0; i < length; i++)
                    if (bound is null || magnitudes[i] >= bound) reaching.Add((magnitudes[i], at + i));
            }
        });
        return [.. found.SelectMany(reaching => reaching ?? [])];
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
