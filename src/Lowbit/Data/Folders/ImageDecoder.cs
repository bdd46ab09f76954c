using SkiaSharp;

namespace Lowbit.Data;

/// <summary>
/// Reads image files: only what a file's name and its first bytes agree on, with no more pixels than allowed, and to its end. Everything
/// that is read in Lowbit as an image file is read here.
/// </summary>
static class ImageDecoder
{
    /// <summary>As long as decoding a file may take. The largest photographs take a second.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>No image takes more bytes a pixel: four channels of 16 bits, uncompressed.</summary>
    const int LargestPixel = 8;

    /// <summary>What stands around pixels in the smallest files: headers, tables, a colour profile, a preview.</summary>
    const int Surroundings = 1 << 24;

    /// <summary>Reads a file as grey (1 channel) or in colours (3), turned as its EXIF orientation says; transparency is ignored.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="maxPixels">No image may have more pixels.</param>
    /// <exception cref="CorruptImageException">It cannot be read, or not to its end, or not in time.</exception>
    public static DecodedImage Read(string path, int channels, long maxPixels)
    {
        try
        {
            return TimeLimit.Run(() => Decode(path, channels, maxPixels), Patience);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or TimeoutException or InvalidDataException)
        {
            string reason = error is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : error.Message.TrimEnd('.');
            throw new CorruptImageException($"{Printable.Line(path)} cannot be read as an image: {Printable.Line(reason)}", error);
        }
    }

    static DecodedImage Decode(string path, int channels, long maxPixels)
    {
        ImageFormat format = ImageFormat.Of(path) ?? throw new InvalidDataException($"its name must end in {ImageFormat.Readable}");
        byte[] content = Content(path, maxPixels);
        if (!format.Begins(content)) throw new InvalidDataException($"it does not begin as a {format.Name} file does");
        if (!format.Ends(content)) throw new InvalidDataException("the file ends before the image does");

        using SKData data = SKData.CreateCopy(content);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat != format.Decoder) throw new InvalidDataException($"its {format.Name} header is damaged");
        int width = codec.Info.Width, height = codec.Info.Height;
        if ((long)width * height > maxPixels)
            throw new InvalidDataException($"it has {width} x {height} pixels, more than the {maxPixels} that dataset.max_megapixels allows");
        if (!format.Holds(content, width, height)) throw new InvalidDataException("the file ends before the image does");

        // Without a colour space, so that the bytes are those of the file.
        using var pixels = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null));
        SKCodecResult result = codec.GetPixels(pixels.Info, pixels.GetPixels());
        if (result != SKCodecResult.Success)
            throw new InvalidDataException(
                result == SKCodecResult.IncompleteInput ? "the file ends before the image does" : $"its {format.Name} content is damaged");
        return Orientation.Apply(pixels.GetPixelSpan(), height, width, codec.EncodedOrigin, channels);
    }

    /// <summary>A file's bytes. Pipes and devices have none, and are not opened: whoever reads them may wait for ever.</summary>
    static byte[] Content(string path, long maxPixels)
    {
        long length = FileSize.Of(path);
        if (length == 0) throw new InvalidDataException("it is empty");
        long most = maxPixels * LargestPixel + Surroundings;
        return length <= most
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"it has {length} bytes, more than the {most} that dataset.max_megapixels leaves room for");
    }
}
