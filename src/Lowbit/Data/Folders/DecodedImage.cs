using StbImageSharp;

namespace Lowbit.Data;

/// <summary>An image file's pixels, height x width x channels.</summary>
readonly record struct DecodedImage(byte[] Pixels, int Height, int Width)
{
    /// <summary>Reads a JPEG, PNG or BMP file as grey (1 channel) or in colours (3).</summary>
    /// <exception cref="CorruptImageException">It cannot be read, or not to its end.</exception>
    public static DecodedImage Read(string path, int channels)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            if (IsCutShort(content)) throw new InvalidDataException("the file ends before the image does");
            var image = ImageResult.FromMemory(content, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
            return new(image.Data, image.Height, image.Width);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A decoder stumbles over what it did not expect in every way there is.
            throw new CorruptImageException($"{path} cannot be read as an image: {error.Message}", error);
        }
    }

    /// <summary>Whether it is a JPEG without its end marker: the decoder would make the rest up.</summary>
    static bool IsCutShort(ReadOnlySpan<byte> content) =>
        content.StartsWith<byte>([0xFF, 0xD8]) && content.LastIndexOf<byte>([0xFF, 0xD9]) < 0;
}
