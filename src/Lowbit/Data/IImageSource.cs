namespace Lowbit.Data;

/// <summary>Images with labels, by number. Read by several threads at once.</summary>
public interface IImageSource
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The class of an image.</summary>
    int Label(int index);

    /// <summary>Fills in an image's bytes, [height, width, channel].</summary>
    /// <param name="index">Which image.</param>
    /// <param name="image">As many bytes as <see cref="DatasetInfo"/> says an image has.</param>
    void Read(int index, Span<byte> image);
}
