using System.Globalization;
using System.IO.Compression;
using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 1,797 handwritten digits that come with Lowbit, grown from 8x8 to 32x32 pixels: something to train on at once, without a download.
/// Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits".
/// </summary>
sealed class Digits : IDataset
{
    const int SmallSize = 8, Size = 32, TestImages = 360, Brightest = 16;

    /// <summary>What a configuration calls it.</summary>
    internal const string KeyName = "digits";

    public string Name => KeyName;

    public DatasetInfo Describe(DatasetOptions options) =>
        new(KeyName, 1, Size, Size, [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")], [0.3046f], [0.3236f]);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        byte[][] lines = [.. Lines()];
        byte[] pixels = new byte[lines.Length * Size * Size];
        var axis = new ResizeAxis(SmallSize, 0, SmallSize, Size);
        for (int i = 0; i < lines.Length; i++)
        {
            byte[] small = Array.ConvertAll(lines[i][..^1], value => (byte)(value * 255 / Brightest));
            Resize.Bilinear(small, 1, axis, axis, pixels.AsSpan(i * Size * Size, Size * Size));
        }
        var (test, train) = Stratified.Split(new ImagesInMemory(pixels, [.. lines.Select(line => line[^1])]), TestImages, seed: 0);
        return new(train, test);
    }

    public bool IsMirrorable => false;

    static IEnumerable<byte[]> Lines()
    {
        using var file = typeof(Digits).Assembly.GetManifestResourceStream("Lowbit.Data.Digits.digits.csv.gz")!;
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return [.. line.Split(',').Select(number => byte.Parse(number, CultureInfo.InvariantCulture))];
    }
}
