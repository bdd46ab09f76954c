using System.Globalization;
using System.IO.Compression;

namespace Lowbit.Data;

/// <summary>
/// Handwritten digits, 1,797 images of 8x8 pixels grown to 32x32, that come with Lowbit: the test part of "Optical Recognition of Handwritten Digits", E. Alpaydin
/// and C. Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0. Every fifth image is for testing.
/// </summary>
static class Digits
{
    const int Size = 8, Grown = 32, Brightest = 16, TestEvery = 5;

    public static DatasetInfo Info { get; } = new("digits", 1, Grown, Grown, [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")], [0.3053f], [0.3283f]);

    public static (IImageSource Train, IImageSource Test) Read()
    {
        int[][] lines = [.. Lines()];
        return (Images(lines.Where((_, i) => i % TestEvery != 0)), Images(lines.Where((_, i) => i % TestEvery == 0)));
    }

    static IEnumerable<int[]> Lines()
    {
        using Stream resource = typeof(Digits).Assembly.GetManifestResourceStream("Lowbit.Data.Digits.digits.csv.gz")!;
        using var reader = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return [.. line.Split(',').Select(number => (int)double.Parse(number, CultureInfo.InvariantCulture))];
    }

    static ImagesInMemory Images(IEnumerable<int[]> lines)
    {
        int[][] images = [.. lines];
        byte[] pixels = [.. images.SelectMany(line => Resize.Bilinear([.. line.Take(Size * Size).Select(value => (byte)(value * 255 / Brightest))], Size, Size, 1, Grown, Grown))];
        return new(pixels, [.. images.Select(line => line[^1])]);
    }
}
