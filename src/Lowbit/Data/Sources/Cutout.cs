namespace Lowbit.Data;

/// <summary>
/// Covers a square of every image, its centre a random pixel, with the mean of the images: what lies outside of the image is cut off.
/// DeVries and Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout".
/// </summary>
/// <param name="source">The images.</param>
/// <param name="info">Their size and mean.</param>
/// <param name="side">Pixels of a side of the square.</param>
public sealed class Cutout(IImageSource source, DatasetInfo info, int side) : IImageSource
{
    readonly byte[] mean = [.. info.Mean.Select(mean => (byte)Math.Clamp(MathF.Round(mean * 255), 0, 255))];

    /// <inheritdoc/>
    public int Count => source.Count;

    /// <inheritdoc/>
    public int Label(int index) => source.Label(index);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        source.Read(index, image, augmentation);
        if (augmentation is null) return;
        int top = augmentation.Next(info.Height) - side / 2, left = augmentation.Next(info.Width) - side / 2;
        for (int row = Math.Max(0, top); row < Math.Min(info.Height, top + side); row++)
            for (int column = Math.Max(0, left); column < Math.Min(info.Width, left + side); column++)
                mean.CopyTo(image[((row * info.Width + column) * info.Channels)..]);
    }
}
