using System.Globalization;
using Lowbit.Data;
using Lowbit.Export.Verification;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>How many test images a file, run by ONNX Runtime, and the network that it was written from classify correctly.</summary>
/// <param name="Images">Test images.</param>
/// <param name="OfNetwork">Images that the network, in float32, classifies correctly.</param>
/// <param name="OfFile">Images that the file classifies correctly.</param>
public sealed record FileAccuracy(int Images, int OfNetwork, int OfFile)
{
    /// <summary>By how much the accuracy may change, as a fraction, beside one image.</summary>
    public const double LargestChange = 0.001;

    /// <summary>Runs both on test images.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it was written.</param>
    /// <param name="test">The images; each batch is disposed when it is done.</param>
    /// <returns>Null where there are no images.</returns>
    /// <exception cref="LowbitException">The accuracy changes by more than 0.1 points and one image.</exception>
    internal static FileAccuracy? Compare(Network network, string path, ExportOptions options, IEnumerable<Batch> test)
    {
        using var file = OnnxNetwork.Load(path, OnnxEngine.OnnxRuntime);
        var (images, ofNetwork, ofFile) = (0, 0L, 0L);
        foreach (Batch batch in test)
        {
            using var scope = NewDisposeScope();
            using var _ = batch;
            images += (int)batch.Images.shape[0];
            ofNetwork += network.forward(batch.Images).argmax(1).eq(batch.Labels).sum().item<long>();
            ofFile += file.Run(ExportImages.Of(network, batch.Images, options.Input)).argmax(1).eq(batch.Labels).sum().item<long>();
        }
        if (images == 0) return null;
        if (Math.Abs(ofFile - ofNetwork) > Math.Max(1, LargestChange * images))
            throw new FileDiffersException(string.Create(CultureInfo.InvariantCulture,
                $"folded, it classifies {ofFile} of {images} test images correctly and the network {ofNetwork}; at most {LargestChange:P1} or one image may lie between"));
        return new(images, (int)ofNetwork, (int)ofFile);
    }
}
