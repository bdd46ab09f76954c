namespace Lowbit.Data;

/// <summary>Labelled images of one size, to be read by many threads at once.</summary>
public interface IImageSource
{
    /// <summary>How many images there are.</summary>
    int Count { get; }

    /// <summary>The class of an image, a place in <see cref="DatasetInfo.Classes"/>.</summary>
    int Label(int index);

    /// <summary>Reads an image.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="image">Where it goes: height x width x channels, 0 to 255. Every byte is written.</param>
    /// <param name="augmentation">
    /// Where chance comes from, for an image changed at random as training sees it; null for the image as evaluation sees it.
    /// </param>
    /// <exception cref="CorruptImageException">It cannot be read.</exception>
    void Read(int index, Span<byte> image, RandomStream? augmentation = null);
}
