namespace Lowbit.Data;

/// <summary>Images that lie in memory one behind the other, [height, width, channel] each.</summary>
sealed class ImagesInMemory(byte[] pixels, int[] labels) : IImageSource
{
    public int Count => labels.Length;

    public int Label(int index) => labels[index];

    public void Read(int index, Span<byte> image) => pixels.AsSpan(index * image.Length, image.Length).CopyTo(image);
}
