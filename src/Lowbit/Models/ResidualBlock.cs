using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>The building blocks of residual networks. He et al. 2015, "Deep Residual Learning for Image Recognition", figure 5.</summary>
static class ResidualBlock
{
    /// <summary>Output channels of a bottleneck for each of its inner ones.</summary>
    public const int Expansion = 4;

    /// <summary>Up to this many blocks a stage, branches start at the size of the stream.</summary>
    const int BlocksAtFullSize = 3;

    /// <summary>
    /// The factor that the batch norm of a branch starts with. Each block adds its branch to the stream; from four blocks a stage on, the branches of a stage together start
    /// no larger than three, as deep networks do not learn otherwise at high rates. After De and Smith 2020, "Batch Normalization Biases Residual Blocks Towards the
    /// Identity Function in Deep Networks".
    /// </summary>
    /// <param name="blocks">The blocks of the stage.</param>
    static double BranchWeight(int blocks) => Math.Min(1, Math.Sqrt((double)BlocksAtFullSize / blocks));

    /// <summary>Two 3x3 convolutions beside the shortcut.</summary>
    public static GraphBuilder Basic(GraphBuilder x, int channels, int stride, int blocks) =>
        x.ConvBnRelu(channels, kernel: 3, stride)
            .Conv(channels, kernel: 3).BatchNorm(initialWeight: BranchWeight(blocks))
            .Add(Shortcut(x, channels, stride)).Relu();

    /// <summary>1x1 down, 3x3, 1x1 up, beside the shortcut; the stride in the 3x3 convolution, as torchvision has it.</summary>
    public static GraphBuilder Bottleneck(GraphBuilder x, int channels, int stride, int blocks) =>
        x.ConvBnRelu(channels, kernel: 1)
            .ConvBnRelu(channels, kernel: 3, stride)
            .Conv(Expansion * channels, kernel: 1).BatchNorm(initialWeight: BranchWeight(blocks))
            .Add(Shortcut(x, Expansion * channels, stride)).Relu();

    /// <summary>The value itself, or a 1x1 convolution where the block changes its shape.</summary>
    static GraphBuilder Shortcut(GraphBuilder x, int channels, int stride) => stride == 1 && x.Shape.Channels == channels
        ? x
        : x.Conv(channels, kernel: 1, stride, name: "shortcut.conv").BatchNorm(name: "shortcut.bn");
}
