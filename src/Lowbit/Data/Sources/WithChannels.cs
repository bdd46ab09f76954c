using System.Buffers;

namespace Lowbit.Data;

/// <summary>Turns colours into grey by their luma (ITU-R BT.601), or grey into three equal channels.</summary>
sealed class WithChannels(IImageSource source, int channels) : IImageSource
{
    public int Count => source.Count;

    public int Label(int index) => source.Label(index);

    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        int before = channels == 1 ? image.Length * 3 : image.Length / 3;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(before);
        source.Read(index, pixels.AsSpan(0, before), augmentation);
        if (channels == 1) ToGrey(pixels, image);
        else Repeat(pixels, image);
        ArrayPool<byte>.Shared.Return(pixels);
    }

    /// <summary>What becomes of a statistic of each channel.</summary>
    public static IReadOnlyList<float> Convert(IReadOnlyList<float> statistic, int channels) =>
        channels == 1
            ? [0.299f * statistic[0] + 0.587f * statistic[1] + 0.114f * statistic[2]]
            : [statistic[0], statistic[0], statistic[0]];

    /// <summary>The luma of a colour; of a grey one, the grey. The weights are in units of 1 / 65536.</summary>
    public static byte Luma(int red, int green, int blue) => (byte)((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);

    static void ToGrey(ReadOnlySpan<byte> colours, Span<byte> grey)
    {
        for (int i = 0; i < grey.Length; i++) grey[i] = Luma(colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]);
    }

    static void Repeat(ReadOnlySpan<byte> grey, Span<byte> colours)
    {
        for (int i = 0; i < colours.Length; i++) colours[i] = grey[i / 3];
    }
}
