using Lowbit.Graphs;

namespace Lowbit.Tests.Models;

/// <summary>The network of docs/adding-a-model.md.</summary>
static class TwoPaths
{
    public static GraphBuilder Build(GraphBuilder x, int classes)
    {
        x = x.ConvBnRelu(16, kernel: 3);
        foreach (var (name, channels) in new[] { ("block1", 16), ("block2", 32) })
            x = Block(x.In(name), channels);
        return x.In("").GlobalAveragePool().Linear(classes);
    }

    static GraphBuilder Block(GraphBuilder x, int channels)
    {
        GraphBuilder wide = x.ConvBnRelu(channels, kernel: 3, stride: 2).Conv(channels, kernel: 3).BatchNorm();
        GraphBuilder narrow = x.Conv(channels, kernel: 1, stride: 2).BatchNorm();
        return wide.Add(narrow).Relu();
    }
}
