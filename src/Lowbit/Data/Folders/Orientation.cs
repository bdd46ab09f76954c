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
            for (int column = 0; column < width; column++, at += channels)
            {
                var pixel = rgba.Slice(4 * (start + row * down + column * right), 3);
                if (channels == 3) pixel.CopyTo(pixels.AsSpan(at));
                else pixels[at] = WithChannels.Luma(pixel[0], pixel[1], pixel[2]);
            }
        return new(pixels, height, width);
    }
}
