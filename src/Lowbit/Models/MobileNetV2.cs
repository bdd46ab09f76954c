using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>
/// Inverted residuals with linear bottlenecks. Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", table 2, with ReLU in the place of
/// ReLU6. On small images the first convolution and the second stage keep the image's size.
/// </summary>
static class MobileNetV2
{
    /// <summary>Channels of a block's depthwise convolution for each of its inputs; output channels; blocks; the first block's stride.</summary>
    static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages =
    [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ];

    const int LastChannels = 1280;

    public static GraphBuilder Build(GraphBuilder x, int classes, Stem stem, double width)
    {
        bool large = stem.IsImageNet(x.Shape);
        x = x.ConvBnRelu(Scaled(32, width), kernel: 3, stride: large ? 2 : 1);
        for (int s = 0; s < Stages.Length; s++)
        {
            var (expansion, channels, blocks, stride) = Stages[s];
            for (int b = 0; b < blocks; b++)
                x = Block(x.In($"stage{s + 1}.block{b + 1}"), expansion, Scaled(channels, width), b > 0 || (s == 1 && !large) ? 1 : stride);
        }
        return x.In("").ConvBnRelu(Scaled(LastChannels, Math.Max(1, width)), kernel: 1).GlobalAveragePool().Linear(classes);
    }

    /// <summary>1x1 up, depthwise 3x3, 1x1 down without an activation; added to its input where the shapes agree.</summary>
    static GraphBuilder Block(GraphBuilder x, int expansion, int channels, int stride)
    {
        int inner = expansion * x.Shape.Channels;
        GraphBuilder y = (expansion == 1 ? x : x.ConvBnRelu(inner, kernel: 1))
            .ConvBnRelu(inner, kernel: 3, stride, groups: inner)
            .Conv(channels, kernel: 1).BatchNorm();
        return stride == 1 && x.Shape.Channels == channels ? y.Add(x) : y;
    }

    /// <summary>The multiple of 8 that is nearest, but not less than nine tenths: the authors' own rounding.</summary>
    static int Scaled(int channels, double width)
    {
        int nearest = Math.Max(8, (int)(channels * width + 4) / 8 * 8);
        return nearest < 0.9 * channels * width ? nearest + 8 : nearest;
    }
}
