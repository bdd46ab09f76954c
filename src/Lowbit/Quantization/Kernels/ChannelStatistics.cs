using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The mean and the (biased) variance of each channel.</summary>
sealed record ChannelStatistics(float[] Mean, double[] Variance)
{
    /// <summary>
    /// Of dense values whose channels are last, in one pass: sums of x - origin and of its square, the origin being near the mean so that little cancels.
    /// </summary>
    public static unsafe ChannelStatistics Of(Tensor x, Tensor origin)
    {
        int channels = (int)x.size(1), width = NormalizedRows.WidthFor(x.numel(), channels);
        long count = x.numel() / channels;
        float[] center = origin.data<float>().ToArray(), wide = NormalizedRows.Wide(center, width);
        RowSums[] parts = RowSums.ForParts(Workers.PartsFor(x.numel()), width);
        float* values = DenseMemory.Pointer(x);
        Workers.Run(x.numel(), width, parts.Length, (first, length, part) => NormalizedRows.Statistics(values + first, length, wide, parts[part]));
        var (sum, variance) = RowSums.Total(parts, channels);
        for (int c = 0; c < channels; c++)
        {
            double shift = sum[c] / count;
            variance[c] = Math.Max(0, variance[c] / count - shift * shift);
            center[c] = (float)(center[c] + shift);
        }
        return new(center, variance);
    }

    /// <summary>Takes them into a batch norm's running statistics: the new batch counts by the momentum, its variance unbiased.</summary>
    public unsafe void EnterInto(NormParameters norm, long count)
    {
        float* mean = DenseMemory.Pointer(norm.RunningMean), variance = DenseMemory.Pointer(norm.RunningVariance);
        double old = 1 - norm.Momentum, unbiased = norm.Momentum * count / Math.Max(1, count - 1);
        for (int c = 0; c < Mean.Length; c++)
        {
            mean[c] = (float)(old * mean[c] + norm.Momentum * Mean[c]);
            variance[c] = (float)(old * variance[c] + unbiased * Variance[c]);
        }
    }
}
