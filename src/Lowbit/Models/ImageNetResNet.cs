using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>Residual networks of 18 to 152 layers. He et al. 2015, "Deep Residual Learning for Image Recognition", table 1.</summary>
static class ImageNetResNet
{
    public static GraphBuilder Build(GraphBuilder x, int classes, Stem stem, int[] blocks, Func<GraphBuilder, int, int, int, GraphBuilder> block)
    {
        x = stem.IsImageNet(x.Shape)
            ? x.ConvBnRelu(64, kernel: 7, stride: 2).MaxPool(3, stride: 2, padding: 1)
            : x.ConvBnRelu(64, kernel: 3);
        for (int stage = 0; stage < 4; stage++)
            for (int b = 0; b < blocks[stage]; b++)
                x = block(x.In($"stage{stage + 1}.block{b + 1}"), 64 << stage, b == 0 && stage > 0 ? 2 : 1, blocks[stage]);
        return x.In("").GlobalAveragePool().Linear(classes);
    }
}
