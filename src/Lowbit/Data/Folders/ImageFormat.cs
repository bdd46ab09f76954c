using System.Buffers.Binary;
using SkiaSharp;

namespace Lowbit.Data;

/// <summary>A kind of image files: how they are named, and the bytes that they begin and end with.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Extensions">The ends of its files' names, in lower case.</param>
/// <param name="Decoder">What the decoder calls it.</param>
/// <param name="Begin">The first bytes; where one is null, any will do.</param>
/// <param name="End">The mark of the image's end, wherever it is known by one; other bytes may follow.</param>
sealed record ImageFormat(string Name, IReadOnlyList<string> Extensions, SKEncodedImageFormat Decoder, byte?[] Begin, byte[] End)
{
    // One of ImageNet's 1,281,167 training images: a PNG file, and so named since 2010.
    const string KnownMisnomer = "n02105855_2933.JPEG";

    static readonly ImageFormat Jpeg = new("JPEG", [".jpg", ".jpeg"], SKEncodedImageFormat.Jpeg, [0xFF, 0xD8, 0xFF], [0xFF, 0xD9]);

    static readonly ImageFormat Png = new(
        "PNG", [".png"], SKEncodedImageFormat.Png,
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]);

    static readonly ImageFormat[] All =
    [
        Jpeg,
        Png,
        new("BMP", [".bmp"], SKEncodedImageFormat.Bmp, [0x42, 0x4D], []),
        new("GIF", [".gif"], SKEncodedImageFormat.Gif, [0x47, 0x49, 0x46, 0x38, null, 0x61], []),
        new("WebP", [".webp"], SKEncodedImageFormat.Webp, [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50], []),
    ];

    // What people keep images in, and what no decoder here reads.
    static readonly HashSet<string> Unread = new(StringComparer.OrdinalIgnoreCase)
    {
        ".avif", ".hdr", ".heic", ".heif", ".ico", ".jfif", ".jp2", ".jxl", ".pbm", ".pgm", ".pnm", ".ppm", ".psd", ".svg", ".tga", ".tif", ".tiff",
    };

    /// <summary>The ends of all readable files' names, for messages.</summary>
    public static string Readable { get; } = string.Join(", ", All.SelectMany(format => format.Extensions).Order(StringComparer.Ordinal));

    /// <summary>The format that a file's name promises; null where it is none that can be read.</summary>
    public static ImageFormat? Of(string path) =>
        Path.GetFileName(path) == KnownMisnomer ? Png
            : All.FirstOrDefault(format => format.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether a file's name promises an image of a format that cannot be read.</summary>
    public static bool IsUnread(string path) => Unread.Contains(Path.GetExtension(path));

    /// <summary>Whether a file's first bytes are those of this format.</summary>
    public bool Begins(ReadOnlySpan<byte> content)
    {
        if (content.Length < Begin.Length) return false;
        for (int i = 0; i < Begin.Length; i++)
            if (Begin[i] is { } expected && content[i] != expected)
                return false;
        return true;
    }

    /// <summary>Whether the mark of the image's end is there, or the format has none.</summary>
    public bool Ends(ReadOnlySpan<byte> content) => content.LastIndexOf(End) >= 0;

    /// <summary>Whether a file is long enough for its pixels, where the format tells that before they are decoded: a BMP file without compression.</summary>
    public bool Holds(ReadOnlySpan<byte> content, int width, int height)
    {
        const int BitsPerPixel = 28, Compression = 30, HeaderEnd = 34;   // BITMAPINFOHEADER, after the 14 bytes of BITMAPFILEHEADER
        if (Decoder != SKEncodedImageFormat.Bmp || content.Length < HeaderEnd || BinaryPrimitives.ReadUInt32LittleEndian(content[Compression..]) != 0) return true;
        long row = ((long)width * BinaryPrimitives.ReadUInt16LittleEndian(content[BitsPerPixel..]) + 31) / 32 * 4;
        return content.Length >= row * height;
    }
}
