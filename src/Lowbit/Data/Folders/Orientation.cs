using SkiaSharp;

namespace Lowbit.Data;

/// <summary>How a camera was held: EXIF 2.3, section 4.6.4, tag 274. Photographs are stored as the sensor saw them, and turned when shown.</summary>
static class Orientation
{
    /// <summary>Takes an image's colours, or its luma, out of pixels of red, green, blue and alpha, turned and mirrored as they are to be seen.</summary>
    public static DecodedImage Apply(ReadOnlySpan<byte> rgba, int height, int width, SKEncodedOrigin origin, int channels)
    {
        int count = height * width;
        (int start, int down, int right) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, width, -1),
            SKEncodedOrigin.BottomRight => (count - 1, -width, -1),
            SKEncodedOrigin.BottomLeft => (count - width, -width, 1),
            SKEncodedOrigin.LeftTop => (0, 1, width),
            SKEncodedOrigin.RightTop => (count - width, 1, -width),
            SKEncodedOrigin.RightBottom => (count - 1, -1, -width),
            SKEncodedOrigin.LeftBottom => (width - 1, -1, width),
            _ => (0, width, 1),
        };
        if (Math.Abs(right) == width && Math.Abs(down) == 1) (height, width) = (width, height);
        byte[] pixels = new byte[count * channels];
        int at = 0;
        for (int row = 0; row < height; row++)
        {
            int from = 4 * (start + row * down);
            for (int column = 0; column < width; column++, at += channels, from += 4 * right)
                if (channels == 3) (pixels[at], pixels[at + 1], pixels[at + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
                else pixels[at] = WithChannels.Luma(rgba[from], rgba[from + 1], rgba[from + 2]);
        }
        return new(pixels, height, width);
    }
}
