using Lowbit.Graphs.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>
/// Convolutions whose output channels do not fill vectors of 16. For those, the gradient of the input that libtorch 2.10 computes (float32, kernels above 1x1, one group) was found
/// to take in memory after the weights on a processor with AVX-512: it is wrong, differs from run to run, and may be not a number. With channels of zeros up to a multiple of 16, which nobody
/// sees, it is exact.
/// </summary>
static class PaddedConvolution
{
    const int Multiple = 16;

    /// <summary>Whether a convolution is such.</summary>
    public static bool Takes(Conv node) => node is { Kernel: > 1, Groups: 1 } && node.Channels % Multiple != 0;

    /// <summary>The convolution, with channels of zeros where gradients are to be computed by the kernels in question.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">The input [N, C, H, W].</param>
    /// <param name="w">The weights [channels, C, kernel, kernel].</param>
    /// <param name="b">The bias [channels], or null.</param>
    public static Tensor Run(Conv node, Tensor x, Tensor w, Tensor? b)
    {
        long[] stride = [node.Stride, node.Stride], padding = [node.Padding, node.Padding];
        if (!is_grad_enabled() || x.device_type != TorchSharp.DeviceType.CPU || x.dtype != ScalarType.Float32)
            return nn.functional.conv2d(x, w, b, strides: stride, padding: padding);
        long channels = w.size(0), more = (channels + Multiple - 1) / Multiple * Multiple - channels;
        Tensor? wide = b is null ? null : cat([b, zeros(more, b.dtype)]);
        Tensor weights = cat([w, zeros([more, .. w.shape[1..]], w.dtype)]);
        return nn.functional.conv2d(x, weights, wide, strides: stride, padding: padding).narrow(1, 0, channels);
    }
}
