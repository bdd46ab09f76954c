using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>
/// Depthwise separable convolutions. Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
/// Applications", table 1. On small images the first convolution keeps the image's size.
/// </summary>
static class MobileNetV1
{
    static readonly (int Channels, int Stride)[] Blocks =
    [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
        (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
    ];

    public static GraphBuilder Build(GraphBuilder x, int classes, Stem stem, double width)
    {
        x = x.ConvBnRelu(Scaled(32, width), kernel: 3, stride: stem.IsImageNet(x.Shape) ? 2 : 1);
        for (int b = 0; b < Blocks.Length; b++)
        {
            var (channels, stride) = Blocks[b];
            x = x.In($"block{b + 1}")
                .ConvBnRelu(x.Shape.Channels, kernel: 3, stride, groups: x.Shape.Channels)
                .ConvBnRelu(Scaled(channels, width), kernel: 1);
        }
        return x.In("").GlobalAveragePool().Linear(classes);
    }

    static int Scaled(int channels, double width) => Math.Max(8, (int)Math.Round(channels * width));
}
