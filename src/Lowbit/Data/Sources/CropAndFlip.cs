using System.Buffers;

namespace Lowbit.Data;

/// <summary>
/// Moves images at random by some pixels each way, black coming in, and mirrors half of them.
/// He et al. 2015, "Deep Residual Learning for Image Recognition", section 4.2.
/// </summary>
/// <param name="source">The images.</param>
/// <param name="info">Their size.</param>
/// <param name="padding">How many pixels they are moved at most.</param>
/// <param name="flip">Whether they are mirrored left to right.</param>
public sealed class CropAndFlip(IImageSource source, DatasetInfo info, int padding, bool flip) : IImageSource
{
    readonly int stride = info.Width * info.Channels;

    /// <inheritdoc/>
    public int Count => source.Count;

    /// <inheritdoc/>
    public int Label(int index) => source.Label(index);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        if (augmentation is null)
        {
            source.Read(index, image);
            return;
        }
        int down = augmentation.Next(2 * padding + 1) - padding, right = augmentation.Next(2 * padding + 1) - padding;
        byte[] still = ArrayPool<byte>.Shared.Rent(image.Length);
        source.Read(index, still.AsSpan(0, image.Length), augmentation);
        Move(still.AsSpan(0, image.Length), image, down, right);
        if (flip && augmentation.NextFlip()) Mirror(image, info);
        ArrayPool<byte>.Shared.Return(still);
    }

    void Move(ReadOnlySpan<byte> from, Span<byte> to, int down, int right)
    {
        to.Clear();
        int offset = right * info.Channels, length = stride - Math.Abs(offset);
        if (length <= 0) return;
        for (int row = Math.Max(0, down); row < Math.Min(info.Height, info.Height + down); row++)
            from.Slice((row - down) * stride + Math.Max(0, -offset), length).CopyTo(to[(row * stride + Math.Max(0, offset))..]);
    }

    internal static void Mirror(Span<byte> image, DatasetInfo info)
    {
        int channels = info.Channels, stride = info.Width * channels;
        for (; !image.IsEmpty; image = image[stride..])
            for (int left = 0, right = stride - channels; left < right; left += channels, right -= channels)
                for (int channel = 0; channel < channels; channel++)
                    (image[left + channel], image[right + channel]) = (image[right + channel], image[left + channel]);
    }
}
