using Lowbit.Configuration;
using Lowbit.Data;

namespace Lowbit.Tests.Data;

/// <summary>Grey images of 16x16 pixels with stripes across or down, under noise. docs/adding-a-dataset.md shows this class.</summary>
sealed class Stripes : IDataset
{
    const int Size = 16;

    public string Name => "stripes";

    public DatasetInfo Describe(DatasetOptions options) =>
        new(Name, Channels: 1, Height: Size, Width: Size, Classes: ["across", "down"], Mean: [0.5f], Std: [0.3245f]);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel) =>
        new(Train: Draw(count: 500, seed: 1), Test: Draw(count: 100, seed: 2));

    static ImagesInMemory Draw(int count, int seed)
    {
        var random = new RandomStream(seed);
        byte[] pixels = new byte[count * Size * Size], labels = new byte[count];
        for (int image = 0; image < count; image++)
        {
            labels[image] = (byte)random.Next(2);
            for (int row = 0; row < Size; row++)
                for (int column = 0; column < Size; column++)
                {
                    bool bright = (labels[image] == 0 ? row : column) / 2 % 2 == 0;
                    pixels[(image * Size + row) * Size + column] = (byte)(random.Next(100) + (bright ? 155 : 0));
                }
        }
        return new ImagesInMemory(pixels, labels);
    }
}
