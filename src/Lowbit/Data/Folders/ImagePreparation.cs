using System.Globalization;
using Lowbit.Graphs;

namespace Lowbit.Data;

/// <summary>How an image file becomes what a network takes: as its test images did, when it was evaluated.</summary>
/// <param name="Input">The shape of one image, channels first.</param>
/// <param name="Dataset">The dataset that the network was trained on; null where that is not known.</param>
/// <param name="MaxMegapixels">No file may have more pixels, in millions.</param>
public sealed record ImagePreparation(Shape Input, string? Dataset, int MaxMegapixels)
{
    /// <summary>Whether the test images were photographs of any size, whose margins are cut off; those of other datasets are taken whole.</summary>
    bool HasMargins => Dataset == ImageFolder.Own.Name || Dataset == ImageFolder.ImageNet.Name;

    /// <summary>Reads a file as height x width x channels, 0 to 255.</summary>
    /// <exception cref="CorruptImageException">It cannot be read.</exception>
    public void Read(string path, Span<byte> image)
    {
        DecodedImage decoded = ImageDecoder.Read(path, Input.Channels, MaxMegapixels * 1_000_000L);
        CropWindow window = HasMargins ? CropWindow.Centre(decoded, Input.Height) : CropWindow.Middle(decoded, Input.Height, Input.Width);
        window.Resize(decoded, Input.Channels, Input.Height, Input.Width, image);
    }

    /// <summary>The preparation as a phrase.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Input.Height == Input.Width ? "the middle square" : $"the middle {Input.Width}:{Input.Height}")}{(HasMargins ? ", 7/8 of the shorter side," : "")} resized to {Input.Width} x {Input.Height} {(Input.Channels == 1 ? "grey" : "colour")} pixels");
}
