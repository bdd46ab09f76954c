namespace Lowbit.Data;

/// <summary>Some of another source's images.</summary>
sealed class Subset(IImageSource source, int[] chosen) : IImageSource
{
    public int Count => chosen.Length;

    public int Label(int index) => source.Label(chosen[index]);

    public void Read(int index, Span<byte> image, RandomStream? augmentation = null) => source.Read(chosen[index], image, augmentation);
}
