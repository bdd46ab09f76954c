namespace Lowbit.Data;

/// <summary>Some of another source's images.</summary>
public sealed class Subset(IImageSource source, int[] chosen) : IImageSource
{
    /// <inheritdoc/>
    public int Count => chosen.Length;

    /// <inheritdoc/>
    public int Label(int index) => source.Label(chosen[index]);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> image, RandomStream? augmentation = null) => source.Read(chosen[index], image, augmentation);
}
