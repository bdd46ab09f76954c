using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>
/// A small VGG-like network for 32x32 images: 3x3 convolutions without padding, 64 64 P 128 128 P 256 256, then 512 512.
/// Umuroglu et al. 2017, "FINN: A Framework for Fast, Scalable Binarized Neural Network Inference", section 5.1.
/// </summary>
static class Cnv
{
    public static GraphBuilder Build(GraphBuilder x, int classes)
    {
        foreach (int channels in new[] { 64, 128 })
            x = x.ConvBnRelu(channels, kernel: 3, padding: 0).ConvBnRelu(channels, kernel: 3, padding: 0).MaxPool(2);
        x = x.ConvBnRelu(256, kernel: 3, padding: 0).ConvBnRelu(256, kernel: 3, padding: 0);
        foreach (int features in new[] { 512, 512 })
            x = x.Linear(features, bias: false).BatchNorm().Relu();
        return x.Linear(classes);
    }
}
