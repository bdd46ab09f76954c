using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Compares what a dataset states of its pixels with its pixels.</summary>
static class PixelStatistics
{
    public static void AssertAsStated(DatasetSplits splits, double tolerance)
    {
        int channels = splits.Info.Channels;
        byte[] image = new byte[splits.Info.Shape.Elements];
        var sums = new long[channels];
        var squares = new long[channels];
        for (int i = 0; i < splits.Train.Count; i++)
        {
            splits.Train.Read(i, image);
            for (int at = 0; at < image.Length; at++)
            {
                sums[at % channels] += image[at];
                squares[at % channels] += image[at] * image[at];
            }
        }
        double count = (double)splits.Train.Count * image.Length / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            double mean = sums[channel] / count, deviation = Math.Sqrt(squares[channel] / count - mean * mean);
            Assert.Equal(mean / 255, splits.Info.Mean[channel], tolerance);
            Assert.Equal(deviation / 255, splits.Info.Std[channel], tolerance);
        }
    }
}
