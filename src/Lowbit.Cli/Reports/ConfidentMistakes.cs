using Lowbit.Data;
using SkiaSharp;
using static TorchSharp.torch;

namespace Lowbit.Cli.Reports;

/// <summary>The test images that the network is wrong about and most sure of.</summary>
/// <param name="names">The classes.</param>
sealed class ConfidentMistakes(IReadOnlyList<string> names)
{
    const int Most = 24, LongestSide = 128;

    readonly PriorityQueue<Mistake, double> worst = new();

    /// <summary>The most probable mistakes, the worst first.</summary>
    public IReadOnlyList<Mistake> Worst => [.. worst.UnorderedItems.Select(entry => entry.Element).OrderByDescending(mistake => mistake.Probability)];

    /// <summary>Looks through a batch.</summary>
    public void Add(Batch batch, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var (highest, places) = logits.softmax(1).max(1);
        float[] probabilities = highest.to(float32).cpu().data<float>().ToArray();
        long[] said = places.cpu().data<long>().ToArray(), shown = batch.Labels.data<long>().ToArray();
        for (int i = 0; i < said.Length; i++)
        {
            if (said[i] == shown[i] || (worst.Count == Most && probabilities[i] <= worst.Peek().Probability)) continue;
            var mistake = new Mistake(NameOf(shown[i]), NameOf(said[i]), probabilities[i], PictureOf(batch.Images[i]));
            if (worst.Count == Most) worst.DequeueEnqueue(mistake, mistake.Probability);
            else worst.Enqueue(mistake, mistake.Probability);
        }
    }

    string NameOf(long label) => label < names.Count ? names[(int)label] : $"class {label}";

    /// <summary>A PNG as a data URI, of uint8 [C, H, W].</summary>
    static string PictureOf(Tensor image)
    {
        var (channels, height, width) = ((int)image.shape[0], (int)image.shape[1], (int)image.shape[2]);
        byte[] pixels = image.permute(1, 2, 0).contiguous().data<byte>().ToArray();
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> rgba = bitmap.GetPixelSpan();
        for (int i = 0; i < width * height; i++)
        {
            for (int c = 0; c < 3; c++) rgba[4 * i + c] = pixels[i * channels + c % channels];
            rgba[4 * i + 3] = byte.MaxValue;
        }
        double shrink = Math.Min(1, (double)LongestSide / Math.Max(width, height));
        using SKBitmap? small = shrink == 1 ? null : bitmap.Resize(new SKSizeI(Math.Max(1, (int)(width * shrink)), Math.Max(1, (int)(height * shrink))), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using SKData png = (small ?? bitmap).Encode(SKEncodedImageFormat.Png, 100);
        return $"data:image/png;base64,{Convert.ToBase64String(png.AsSpan())}";
    }
}

/// <summary>An image that the network takes for what it does not show.</summary>
/// <param name="Shown">The class that it shows.</param>
/// <param name="Said">The class that the network says.</param>
/// <param name="Probability">How sure it is, 0 to 1.</param>
/// <param name="Picture">The image, as a data URI.</param>
sealed record Mistake(string Shown, string Said, double Probability, string Picture);
