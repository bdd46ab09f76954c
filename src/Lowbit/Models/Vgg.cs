using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>
/// Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition", table 1 (A, B, D, E),
/// with batch normalization and one linear layer after a global average pool.
/// </summary>
static class Vgg
{
    static readonly int[] StageChannels = [64, 128, 256, 512, 512];

    public static GraphBuilder Build(GraphBuilder x, int classes, int[] convolutions)
    {
        for (int stage = 0; stage < StageChannels.Length; stage++)
        {
            x = x.In($"stage{stage + 1}");
            for (int c = 0; c < convolutions[stage]; c++) x = x.ConvBnRelu(StageChannels[stage], kernel: 3);
            x = x.MaxPool(2);
        }
        return (x.Shape.Height > 1 ? x.In("").GlobalAveragePool() : x.In("")).Linear(classes);
    }
}
