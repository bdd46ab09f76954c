using System.Buffers;

namespace Lowbit.Data;

/// <summary>Grows or shrinks images to squares.</summary>
sealed class Resized(IImageSource source, DatasetInfo before, int size) : IImageSource
{
    readonly ResizeAxis rows = new(before.Height, 0, before.Height, size);
    readonly ResizeAxis columns = new(before.Width, 0, before.Width, size);

    public int Count => source.Count;

    public int Label(int index) => source.Label(index);

    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        byte[] pixels = ArrayPool<byte>.Shared.Rent((int)before.Shape.Elements);
        source.Read(index, pixels.AsSpan(0, (int)before.Shape.Elements), augmentation);
        Resize.Bilinear(pixels, before.Channels, rows, columns, image);
        ArrayPool<byte>.Shared.Return(pixels);
    }
}
