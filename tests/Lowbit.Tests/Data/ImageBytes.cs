using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib.Checksum;
using Lowbit.Configuration;
using Lowbit.Data;
using SkiaSharp;

namespace Lowbit.Tests.Data;

/// <summary>Image files of every format, made of pixels that are known.</summary>
static class ImageBytes
{
    /// <summary>The digits that come with Lowbit, as bitmaps of 32x32 grey pixels.</summary>
    public static SKBitmap[] RealImages(int count)
    {
        using var digits = Datasets.Open(new DatasetOptions { Name = "digits" });
        byte[] image = new byte[32 * 32];
        return
        [
            .. Enumerable.Range(0, count).Select(index =>
            {
                digits.Train.Read(index, image);
                return Bitmap(32, 32, (row, column) => new(image[row * 32 + column], image[row * 32 + column], image[row * 32 + column]));
            }),
        ];
    }

    public static SKBitmap Bitmap(int height, int width, Func<int, int, SKColor> colour)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                bitmap.SetPixel(column, row, colour(row, column));
        return bitmap;
    }

    public static byte[] Encode(SKBitmap bitmap, string extension) => extension switch
    {
        "bmp" => Bmp(bitmap),
        "gif" => Gif(bitmap),
        "jpg" => Encode(bitmap, SKEncodedImageFormat.Jpeg, 90),
        "webp" => WebpOf(bitmap, lossless: true),
        _ => Encode(bitmap, SKEncodedImageFormat.Png, 100),
    };

    public static byte[] WebpOf(SKBitmap bitmap, bool lossless)
    {
        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKWebpEncoderOptions(lossless ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, 90));
        return encoded!.ToArray();
    }

    /// <summary>A JPEG with an orientation in its EXIF data.</summary>
    public static byte[] Turned(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            .. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    /// <summary>Four channels, and after a first scan any number of scans in which no coefficient comes: a few bytes to go through all blocks.</summary>
    public static byte[] ProgressiveJpeg(int width, int height, int scans)
    {
        var file = new MemoryStream();
        file.Write([0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64)]);
        file.Write([0xFF, 0xC2, 0, 20, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 4]);
        for (byte channel = 1; channel <= 4; channel++) file.Write([channel, 0x11, 0]);
        foreach (byte table in new byte[] { 0x00, 0x10 }) file.Write([0xFF, 0xC4, 0, 20, table, 1, .. new byte[16]]);
        file.Write([0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0]);
        for (int scan = 0; scan < scans; scan++) file.Write([0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0]);
        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    public static byte[] Png(int width, int height, byte[] compressed, params byte[][] before) => Png(width, height, 8, 2, interlaced: false, compressed, before);

    public static byte[] Png(int width, int height, byte depth, byte colours, bool interlaced, byte[] compressed, params byte[][] before)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, colours, (byte)(interlaced ? 1 : 0));
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header), .. before.SelectMany(chunk => chunk),
            .. Chunk("IDAT", compressed), .. Chunk("IEND", []),
        ];
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] length = new byte[4], sum = new byte[4], named = [.. Encoding.ASCII.GetBytes(type), .. content];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(sum, ChecksumOf(named));
        return [.. length, .. named, .. sum];
    }

    /// <summary>A damaged PNG with the checksums that its chunks, as they now are, should have.</summary>
    public static byte[] WithSums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (at + 12L + length > png.Length) break;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + (int)length), ChecksumOf(new(png, at + 4, 4 + (int)length)));
            at += 12 + (int)length;
        }
        return png;
    }

    static uint ChecksumOf(ArraySegment<byte> bytes)
    {
        var crc = new Crc32();
        crc.Update(bytes);
        return (uint)crc.Value;
    }

    public static byte[] Deflated(long zeros)
    {
        var result = new MemoryStream();
        using (var deflate = new ZLibStream(result, CompressionLevel.Fastest))
        {
            byte[] block = new byte[1 << 16];
            for (; zeros > 0; zeros -= block.Length) deflate.Write(block.AsSpan(0, (int)Math.Min(zeros, block.Length)));
        }
        return result.ToArray();
    }

    /// <summary>Rows from below to above, blue first, each padded to four bytes.</summary>
    static byte[] Bmp(SKBitmap bitmap)
    {
        int stride = (bitmap.Width * 3 + 3) / 4 * 4;
        byte[] file = new byte[54 + stride * bitmap.Height];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        (file[10], file[14], file[26], file[28]) = (54, 40, 1, 24);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), bitmap.Width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), bitmap.Height);
        for (int row = 0; row < bitmap.Height; row++)
            for (int column = 0; column < bitmap.Width; column++)
            {
                SKColor colour = bitmap.GetPixel(column, row);
                int at = 54 + (bitmap.Height - 1 - row) * stride + column * 3;
                (file[at], file[at + 1], file[at + 2]) = (colour.Blue, colour.Green, colour.Red);
            }
        return file;
    }

    /// <summary>
    /// Up to 128 greys, in codes of eight bits: a clear code (128) before every hundred pixels keeps them from growing to nine.
    /// </summary>
    static byte[] Gif(SKBitmap bitmap)
    {
        var file = new MemoryStream();
        file.Write("GIF89a"u8);
        byte[] size = [(byte)bitmap.Width, (byte)(bitmap.Width >> 8), (byte)bitmap.Height, (byte)(bitmap.Height >> 8)];
        file.Write([.. size, 0xF6, 0, 0]);
        for (int i = 0; i < 128; i++) file.Write([(byte)(2 * i), (byte)(2 * i), (byte)(2 * i)]);
        file.Write([0x2C, 0, 0, 0, 0, .. size, 0, 7]);
        byte[] codes =
        [
            .. Enumerable.Range(0, bitmap.Width * bitmap.Height)
                .Select(i => (byte)(bitmap.GetPixel(i % bitmap.Width, i / bitmap.Width).Red / 2))
                .Chunk(100).SelectMany(part => part.Prepend((byte)128)),
            129,
        ];
        foreach (byte[] block in codes.Chunk(255)) file.Write([(byte)block.Length, .. block]);
        file.Write([0, 0x3B]);
        return file.ToArray();
    }

    static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format, int quality)
    {
        using var encoded = bitmap.Encode(format, quality);
        return encoded.ToArray();
    }
}
