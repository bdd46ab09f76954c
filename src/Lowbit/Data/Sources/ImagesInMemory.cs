namespace Lowbit.Data;

/// <summary>Images that lie in memory.</summary>
public sealed class ImagesInMemory : IImageSource
{
    readonly byte[] pixels;
    readonly int[] labels;
    readonly int size;

    /// <summary>Takes the arrays as they are, without a copy.</summary>
    /// <param name="pixels">The images one after another, each height x width x channels.</param>
    /// <param name="labels">The class of each image.</param>
    /// <exception cref="ArgumentException">The pixels cannot be shared out equally among the labels.</exception>
    public ImagesInMemory(byte[] pixels, byte[] labels) : this(pixels, [.. labels.Select(label => (int)label)])
    {
    }

    /// <inheritdoc cref="ImagesInMemory(byte[], byte[])"/>
    public ImagesInMemory(byte[] pixels, int[] labels)
    {
        if (labels.Length == 0 || pixels.Length % labels.Length != 0)
            throw new ArgumentException($"{pixels.Length} bytes of pixels cannot be {labels.Length} images of one size", nameof(pixels));
        (this.pixels, this.labels, size) = (pixels, labels, pixels.Length / labels.Length);
    }

    /// <inheritdoc/>
    public int Count => labels.Length;

    /// <inheritdoc/>
    public int Label(int index) => labels[index];

    /// <inheritdoc/>
    public void Read(int index, Span<byte> image, RandomStream? augmentation = null) => pixels.AsSpan(index * size, size).CopyTo(image);
}
