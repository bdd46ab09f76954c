using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>Sums by channel, one for each thread, which are added up at the end.</summary>
readonly struct ChannelSums(int channels, int parts)
{
    public int Parts => parts;

    public double[][] Sums { get; } = [.. Enumerable.Range(0, parts).Select(_ => new double[channels])];

    public double[][] Products { get; } = [.. Enumerable.Range(0, parts).Select(_ => new double[channels])];

    public static double[] Total(double[][] sums)
    {
        double[] total = [.. sums[0]];
        foreach (double[] part in sums.AsSpan(1))
            for (int c = 0; c < total.Length; c++) total[c] += part[c];
        return total;
    }
}

/// <summary>The mean and the (biased) variance of each channel.</summary>
sealed record ChannelStatistics(float[] Mean, double[] Variance)
{
    /// <summary>
    /// Of dense values whose channels are last, in one pass: sums of x - origin and of its square, the origin being near the mean so that little cancels.
    /// </summary>
    public static unsafe ChannelStatistics Of(Tensor x, Tensor origin)
    {
        int channels = (int)x.size(1);
        long rows = x.numel() / channels;
        float[] center = origin.data<float>().ToArray();
        var sums = new ChannelSums(channels, Workers.PartsFor(x.numel()));
        float* values = DenseMemory.Pointer(x);
        Workers.Run(rows, 1, sums.Parts, (first, count, part) =>
            NormalizedRows.Statistics(values + first * channels, count, channels, center, sums.Sums[part], sums.Products[part]));
        double[] variance = ChannelSums.Total(sums.Products), sum = ChannelSums.Total(sums.Sums);
        for (int c = 0; c < channels; c++)
        {
            double shift = sum[c] / rows;
            variance[c] = Math.Max(0, variance[c] / rows - shift * shift);
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
