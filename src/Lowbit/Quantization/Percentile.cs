using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>Order statistics of a batch; the gradient flows into the element that is the statistic.</summary>
static class Percentile
{
    const double Tail = 0.00001;

    /// <summary>The p-th percentile: the k-th smallest, k = floor(0.01 p n + 0.5), counted from 1.</summary>
    /// <param name="x">[N, C, ...], any number of values.</param>
    /// <param name="percentile">p.</param>
    /// <param name="perChannel">One for each channel, in the shape [1, C, 1, ...], instead of one for all, in the shape [].</param>
    public static Tensor High(Tensor x, double percentile = ActivationQuantizer.DefaultPercentile, bool perChannel = false)
    {
        if (!perChannel) return KthSmallest(x.reshape(-1), n => HighRank(n, percentile));
        Tensor channels = x.transpose(0, 1).flatten(1);
        return KthSmallest(channels, n => HighRank(n, percentile)).view([1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]);
    }

    /// <summary>The p-th percentile of magnitudes, and which of them it is.</summary>
    public static (float Magnitude, long Index) HighMagnitude<T>(T x, double percentile) where T : struct, IMagnitudes =>
        LargestMagnitudes.Find(x, x.Count - HighRank(x.Count, percentile) + 1);

    /// <summary>The 0.001 percentile: the k-th smallest, k = ceil(0.00001 n).</summary>
    public static Tensor Low(Tensor x) => KthSmallest(x.reshape(-1), n => (long)Math.Ceiling(Tail * n));

    static long HighRank(long n, double percentile) => Math.Clamp((long)Math.Floor(0.01 * percentile * n + 0.5), 1, n);

    static Tensor KthSmallest(Tensor x, Func<long, long> rank) => x.kthvalue(rank(x.size(-1)), -1).values;
}
