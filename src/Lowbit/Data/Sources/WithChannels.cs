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

    static void ToGrey(ReadOnlySpan<byte> colours, Span<byte> grey)
    {
        // The weights in units of 1 / 65536.
        for (int i = 0; i < grey.Length; i++)
            grey[i] = (byte)((19595 * colours[3 * i] + 38470 * colours[3 * i + 1] + 7471 * colours[3 * i + 2] + 32768) >> 16);
    }

    static void Repeat(ReadOnlySpan<byte> grey, Span<byte> colours)
    {
        for (int i = 0; i < colours.Length; i++) colours[i] = grey[i / 3];
    }
}
