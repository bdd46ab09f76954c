namespace Lowbit.Data;

/// <summary>
/// Fills a random rectangle of some images with random pixels: an area of 2 to 40 % of the image, a height of 0.3 to 1 / 0.3 of the width.
/// Zhong et al. 2017, "Random Erasing Data Augmentation", algorithm 1.
/// </summary>
/// <param name="source">The images.</param>
/// <param name="info">Their size.</param>
/// <param name="probability">How probable it is that an image is changed.</param>
public sealed class RandomErasing(IImageSource source, DatasetInfo info, double probability) : IImageSource
{
    const double SmallestArea = 0.02, LargestArea = 0.4, FlattestAspect = 0.3;

    /// <summary>Rectangles that are drawn until one fits; of the usual sizes every third one does.</summary>
    const int Tries = 100;

    /// <inheritdoc/>
    public int Count => source.Count;

    /// <inheritdoc/>
    public int Label(int index) => source.Label(index);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        source.Read(index, image, augmentation);
        if (augmentation is null || augmentation.NextDouble() >= probability) return;
        for (int i = 0; i < Tries; i++)
        {
            double area = info.Height * info.Width * Between(SmallestArea, LargestArea, augmentation), aspect = Between(FlattestAspect, 1 / FlattestAspect, augmentation);
            int height = (int)Math.Round(Math.Sqrt(area * aspect)), width = (int)Math.Round(Math.Sqrt(area / aspect));
            int left = augmentation.Next(info.Width), top = augmentation.Next(info.Height);
            if (height < 1 || width < 1 || left + width > info.Width || top + height > info.Height) continue;
            for (int row = top; row < top + height; row++)
                foreach (ref byte value in image.Slice((row * info.Width + left) * info.Channels, width * info.Channels)) value = (byte)augmentation.Next(256);
            return;
        }
    }

    static double Between(double low, double high, RandomStream random) => low + (high - low) * random.NextDouble();
}
