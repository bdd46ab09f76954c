using Lowbit.Configuration;
using Lowbit.Data;
using SkiaSharp;

namespace Lowbit.Tests.Data;

/// <summary>Tests with a folder of images of their own.</summary>
public abstract class InImageFolder : IDisposable
{
    private protected TemporaryFolder Root { get; } = new();

    protected DatasetOptions Options => new() { Name = "imagefolder", Root = Root.Path, ImageSize = 32, NumWorkers = 2 };

    public void Dispose()
    {
        Root.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static int Drain(DataLoader loader, int epoch = 0)
    {
        int images = 0;
        foreach (var batch in loader.Epoch(epoch))
            using (batch)
                images += (int)batch.Labels.shape[0];
        return images;
    }

    protected void WriteTwoClasses()
    {
        for (int i = 0; i < 6; i++)
            foreach (var (name, colour) in new[] { ("blue", SKColors.Blue), ("red", SKColors.Red) })
                Write($"train/{name}/{i}{(i % 2 == 0 ? ".jpg" : ".PNG")}", 30 + i, 50 - i, (_, _) => colour);
        for (int i = 0; i < 2; i++)
            foreach (var (name, colour) in new[] { ("blue", SKColors.Blue), ("red", SKColors.Red) })
                Write($"val/{name}/{i}.png", 40, 40, (_, _) => colour);
    }

    protected string Write(string name, int height, int width, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height);
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                bitmap.SetPixel(column, row, colour(row, column));
        string path = Root[name.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        bool jpeg = name.EndsWith(".jpg", StringComparison.Ordinal);
        using var encoded = bitmap.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 95);
        File.WriteAllBytes(path, encoded.ToArray());
        return path;
    }
}
