using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>The building blocks of residual networks. He et al. 2015, "Deep Residual Learning for Image Recognition", figure 5.</summary>
static class ResidualBlock
{
    /// <summary>Output channels of a bottleneck for each of its inner ones.</summary>
    public const int Expansion = 4;

    /// <summary>Two 3x3 convolutions beside the shortcut.</summary>
    public static GraphBuilder Basic(GraphBuilder x, int channels, int stride) =>
        x.ConvBnRelu(channels, kernel: 3, stride)
            .Conv(channels, kernel: 3).BatchNorm()
            .Add(Shortcut(x, channels, stride)).Relu();

    /// <summary>1x1 down, 3x3, 1x1 up, beside the shortcut; the stride in the 3x3 convolution, as torchvision has it.</summary>
    public static GraphBuilder Bottleneck(GraphBuilder x, int channels, int stride) =>
        x.ConvBnRelu(channels, kernel: 1)
            .ConvBnRelu(channels, kernel: 3, stride)
            .Conv(Expansion * channels, kernel: 1).BatchNorm()
            .Add(Shortcut(x, Expansion * channels, stride)).Relu();

    /// <summary>The value itself, or a 1x1 convolution where the block changes its shape.</summary>
    static GraphBuilder Shortcut(GraphBuilder x, int channels, int stride) => stride == 1 && x.Shape.Channels == channels
        ? x
        : x.Conv(channels, kernel: 1, stride, name: "shortcut.conv").BatchNorm(name: "shortcut.bn");
}
