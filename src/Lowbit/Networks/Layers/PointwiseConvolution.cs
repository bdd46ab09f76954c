using System.Runtime.Intrinsics.X86;
using Lowbit.Graphs.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>
/// Convolutions of 1x1 as matrix products, for processors whose caches are unknown: libtorch's own (oneDNN's brgemm_1x1_convolution) divides by a number of
/// blocks that it finds from the size of the caches, and ends the process with a division by zero where a virtual machine hides that size.
/// </summary>
static class PointwiseConvolution
{
    /// <summary>Whether a convolution is to run so.</summary>
    public static bool Takes(Conv node) => node is { Kernel: 1, Padding: 0, Groups: 1 } && CachesAreUnknown;

    /// <summary>The convolution of x [N, C, H, W] with a weight [channels, C, 1, 1].</summary>
    public static Tensor Run(Tensor x, Tensor weight, Tensor? bias, int stride)
    {
        Tensor pixels = x.permute(0, 2, 3, 1);
        if (stride > 1) pixels = pixels.slice(1, 0, long.MaxValue, stride).slice(2, 0, long.MaxValue, stride);
        return nn.functional.linear(pixels, weight.flatten(1), bias).permute(0, 3, 1, 2);
    }

    /// <summary>Whether neither of the processor's two lists of caches (cpuid leaf 4 and leaf 0x8000001D) has an entry.</summary>
    static bool CachesAreUnknown { get; } = X86Base.IsSupported && !HasCaches(4) && !HasCaches(unchecked((int)0x8000001D));

    static bool HasCaches(int leaf)
    {
        uint last = (uint)X86Base.CpuId(unchecked((int)((uint)leaf & 0x80000000)), 0).Eax;
        return (uint)leaf <= last && (X86Base.CpuId(leaf, 0).Eax & 31) != 0;
    }
}
