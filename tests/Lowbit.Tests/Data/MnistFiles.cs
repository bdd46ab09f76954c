using System.Buffers.Binary;
using System.IO.Compression;

namespace Lowbit.Tests.Data;

/// <summary>Small files in the layout of MNIST.</summary>
static class MnistFiles
{
    public const int Train = 30, Test = 10;

    public static void Write(string folder)
    {
        foreach (var (split, file, count) in new[] { (0, "train", Train), (1, "t10k", Test) })
        {
            byte[] pixels =
                [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 28 * 28).Select(pixel => Pixel(split, i, pixel)))];
            WriteIdx(Path.Combine(folder, $"{file}-images-idx3-ubyte.gz"), pixels, count, 28, 28);
            WriteIdx(Path.Combine(folder, $"{file}-labels-idx1-ubyte.gz"), [.. Enumerable.Range(0, count).Select(i => (byte)(i * 3 % 10))], count);
        }
    }

    /// <summary>The byte of one pixel, different from split to split, image to image and place to place.</summary>
    public static byte Pixel(int split, int image, int pixel) => (byte)(split * 101 + image * 17 + pixel / 28 * 5 + pixel % 28);

    public static void WriteIdx(string path, byte[] content, params int[] dimensions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        byte[] number = new byte[4];
        foreach (int value in dimensions.Prepend(8 << 8 | dimensions.Length))
        {
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            gzip.Write(number);
        }
        gzip.Write(content);
    }
}
