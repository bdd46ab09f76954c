using static TorchSharp.torch;

namespace Lowbit.Data;

/// <summary>Images and their labels, of one step. Whoever takes a batch from a loader disposes it.</summary>
/// <param name="Index">Its place in the epoch, from 0.</param>
/// <param name="Images">uint8 [N, C, H, W], raw pixels, channels last in memory.</param>
/// <param name="Labels">int64 [N].</param>
public sealed record Batch(int Index, Tensor Images, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
