namespace Lowbit.Data;

/// <summary>Images brought to other channels (grey to equal colours, colours to grey) and another size, when they are read.</summary>
sealed class Converted(IImageSource source, DatasetInfo from, DatasetInfo to) : IImageSource
{
    public int Count => source.Count;

    public int Label(int index) => source.Label(index);

    public void Read(int index, Span<byte> image)
    {
        byte[] original = new byte[from.ImageBytes];
        source.Read(index, original);
        byte[] recoloured = from.Channels == to.Channels ? original : to.Channels == 1 ? Grey(original) : Colours(original);
        byte[] resized = (from.Height, from.Width) == (to.Height, to.Width)
            ? recoloured
            : Resize.Bilinear(recoloured, from.Height, from.Width, to.Channels, to.Height, to.Width);
        resized.CopyTo(image);
    }

    /// <summary>What a network must know of images that are converted.</summary>
    public static DatasetInfo Describe(DatasetInfo original, int? channels, int? size) => original with
    {
        Channels = channels ?? original.Channels,
        Height = size ?? original.Height,
        Width = size ?? original.Width,
        Mean = Recoloured(original.Mean, channels ?? original.Channels),
        Deviation = Recoloured(original.Deviation, channels ?? original.Channels),
    };

    static float[] Recoloured(IReadOnlyList<float> values, int channels) =>
        channels == values.Count ? [.. values] : [.. Enumerable.Repeat(values.Average(), channels)];

    /// <summary>How bright a colour is. ITU-R BT.601.</summary>
    static byte[] Grey(byte[] pixels) =>
        [.. Enumerable.Range(0, pixels.Length / 3).Select(i => (byte)Math.Round(0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2]))];

    static byte[] Colours(byte[] pixels) => [.. pixels.SelectMany(value => Enumerable.Repeat(value, 3))];
}
