using static TorchSharp.torch;

namespace Lowbit.Data;

/// <summary>Images that a network sees at once, with their classes. Whoever takes a batch from a loader disposes it.</summary>
public sealed class Batch : IDisposable
{
    internal Batch(int index, Tensor images, Tensor labels) => (Index, Images, Labels) = (index, images, labels);

    /// <summary>Its place within the epoch, from 0.</summary>
    public int Index { get; }

    /// <summary>Pixels of 0 to 255: uint8 [N, C, H, W] on the CPU, in memory by pixel (channels last).</summary>
    public Tensor Images { get; }

    /// <summary>What the images show: int64 [N], places in <see cref="DatasetInfo.Classes"/>.</summary>
    public Tensor Labels { get; }

    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
