using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The mean and the (biased) variance of each channel.</summary>
sealed record ChannelStatistics(double[] Mean, double[] Variance)
{
    /// <summary>
    /// Of dense values whose channels are last, in one pass: sums of x - origin and of its square, the origin being the mean of some
    /// rows, so that little cancels, and nothing is left of a channel of equal values.
    /// </summary>
    public static unsafe ChannelStatistics Of(Tensor x)
    {
        int channels = (int)x.size(1), width = RowLayout.WidthFor(x.numel(), channels);
        long count = x.numel() / channels;
        float* values = DenseMemory.Pointer(x);
        float[] center = MeanOfSome(values, count, channels), wide = RowLayout.Wide(center, width);
        RowSums[] parts = RowSums.ForParts(Workers.PartsFor(x.numel()), width);
        Workers.Run(x.numel(), width, parts.Length, (first, length, part) => AddUp(values + first, length, wide, parts[part]));
        var (mean, variance) = RowSums.Total(parts, channels);
        for (int c = 0; c < channels; c++)
        {
            double shift = mean[c] / count;
            variance[c] = Math.Max(0, variance[c] / count - shift * shift);
            mean[c] = center[c] + shift;
        }
        return new(mean, variance);
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

    static unsafe float[] MeanOfSome(float* x, long count, int channels)
    {
        const int Most = 16;
        long taken = Math.Min(count, Most);
        var mean = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double sum = 0;
            for (long i = 0; i < taken; i++) sum += x[i * count / taken * channels + c];
            mean[c] = (float)(sum / taken);
        }
        return mean;
    }

    /// <summary>Adds x - origin and its square to the sums.</summary>
    static unsafe void AddUp(float* x, long count, float[] origin, RowSums sums)
    {
        int width = origin.Length;
        fixed (float* center = origin, sum = sums.Partial, square = sums.PartialProducts)
        {
            for (long begin = 0; begin < count; begin += RowLayout.Block(width))
            {
                for (float* row = x + begin, end = x + Math.Min(count, begin + RowLayout.Block(width)); row < end; row += width)
                    for (int c = 0; c < width; c += RowLayout.Lanes)
                    {
                        Vector512<float> d = Vector512.Load(row + c) - Vector512.Load(center + c);
                        (Vector512.Load(sum + c) + d).Store(sum + c);
                        Vector512.MultiplyAddEstimate(d, d, Vector512.Load(square + c)).Store(square + c);
                    }
                sums.EndBlock();
            }
        }
    }
}
