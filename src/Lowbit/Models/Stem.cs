using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>How a network begins.</summary>
public enum Stem
{
    /// <summary>By the size of the images: <see cref="ImageNet"/> from 64 pixels up, else <see cref="Cifar"/>.</summary>
    Auto,

    /// <summary>A 3x3 convolution that keeps the image's size.</summary>
    Cifar,

    /// <summary>The paper's strided convolution (and pooling) for images of 224 pixels.</summary>
    ImageNet,
}

static class StemRules
{
    /// <summary>Whether the network begins as its paper has it for large images.</summary>
    public static bool IsImageNet(this Stem stem, Shape input) => stem == Stem.ImageNet || (stem == Stem.Auto && Math.Min(input.Height, input.Width) >= 64);
}
