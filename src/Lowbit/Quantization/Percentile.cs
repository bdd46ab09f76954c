using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>Order statistics of a batch; the gradient flows into the element that is the statistic.</summary>
static class Percentile
{
    const double Tail = 0.00001;

    /// <summary>The 99.999 percentile: the k-th smallest, k = floor(0.99999 n + 0.5), counted from 1.</summary>
    /// <param name="x">[N, C, ...], any number of values.</param>
    /// <param name="perChannel">One for each channel, in the shape [1, C, 1, ...], instead of one for all, in the shape [].</param>
    public static Tensor High(Tensor x, bool perChannel = false)
    {
        if (!perChannel) return KthSmallest(x.reshape(-1), HighRank);
        Tensor channels = x.transpose(0, 1).flatten(1);
        return KthSmallest(channels, HighRank).view([1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]);
    }

    /// <summary>The 99.999 percentile of |x|, and where in memory it is; of float32 values that lie densely on the CPU.</summary>
    public static unsafe (float Magnitude, long Index) HighMagnitude(Tensor x) => HighMagnitude(new MagnitudesInMemory(DenseMemory.Pointer(x), x.numel()));

    /// <summary>The same of values that need not be in memory.</summary>
    public static (float Magnitude, long Index) HighMagnitude<T>(T x) where T : struct, IMagnitudes => LargestMagnitudes.Find(x, x.Count - HighRank(x.Count) + 1);

    /// <summary>The 0.001 percentile: the k-th smallest, k = ceil(0.00001 n).</summary>
    public static Tensor Low(Tensor x) => KthSmallest(x.reshape(-1), n => (long)Math.Ceiling(Tail * n));

    static long HighRank(long n) => (long)Math.Floor((1 - Tail) * n + 0.5);

    static Tensor KthSmallest(Tensor x, Func<long, long> rank) => x.kthvalue(rank(x.size(-1)), -1).values;
}
