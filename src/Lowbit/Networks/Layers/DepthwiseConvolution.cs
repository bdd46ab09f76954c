using Lowbit.Graphs.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>
/// Depthwise convolutions in double precision, as products with the image moved by each place of the kernel. libtorch has no kernel for them but in float32: it runs a convolution for
/// each channel, which takes most of a verified export's time where a network has hundreds of channels.
/// </summary>
static class DepthwiseConvolution
{
    /// <summary>Whether a convolution is to run so: one input channel and one output channel in each group.</summary>
    public static bool Takes(Conv node, Tensor weight) =>
        node.Groups > 1 && node.Groups == node.Channels && weight.size(1) == 1 && weight.dtype == ScalarType.Float64 && weight.device_type == TorchSharp.DeviceType.CPU;

    /// <summary>The convolution of x [N, C, H, W] with a weight [C, 1, kernel, kernel].</summary>
    public static Tensor Run(Conv node, Tensor x, Tensor weight, Tensor? bias)
    {
        Tensor padded = node.Padding == 0 ? x : nn.functional.pad(x, [node.Padding, node.Padding, node.Padding, node.Padding]);
        long height = (padded.size(2) - node.Kernel) / node.Stride + 1, width = (padded.size(3) - node.Kernel) / node.Stride + 1;
        Tensor? sum = null;
        for (int row = 0; row < node.Kernel; row++)
            for (int column = 0; column < node.Kernel; column++)
            {
                Tensor moved = padded.slice(2, row, row + (height - 1) * node.Stride + 1, node.Stride).slice(3, column, column + (width - 1) * node.Stride + 1, node.Stride);
                Tensor factor = weight.select(2, row).select(2, column).unsqueeze(-1);
                sum = sum is null ? moved * factor : sum.addcmul(moved, factor, CachedScalar.Of(1));
            }
        return bias is null ? sum! : sum!.add(bias.view(-1, 1, 1), alpha: CachedScalar.Of(1));
    }
}
