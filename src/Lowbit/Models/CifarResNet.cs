using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>
/// Residual networks for 32x32 images. He et al. 2015, "Deep Residual Learning for Image Recognition", section 4.2. One block a stage is the image
/// classifier of Banbury et al. 2021, "MLPerf Tiny Benchmark".
/// </summary>
static class CifarResNet
{
    public static GraphBuilder Build(GraphBuilder x, int classes, int blocksPerStage)
    {
        x = x.ConvBnRelu(16, kernel: 3);
        foreach (var (stage, channels, stride) in new[] { (1, 16, 1), (2, 32, 2), (3, 64, 2) })
            for (int block = 1; block <= blocksPerStage; block++)
                x = ResidualBlock.Basic(x.In($"stage{stage}.block{block}"), channels, block == 1 ? stride : 1, blocksPerStage);
        return x.In("").GlobalAveragePool().Linear(classes);
    }
}
