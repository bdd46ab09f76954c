using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Tests.Integers;

/// <summary>A network whose state is as training leaves it, without training: statistics of images, factors of either sign and of 0, biases.</summary>
sealed class TrainedLike : IDisposable
{
    public TrainedLike(Graph graph, int seed, int images = 11)
    {
        Network = new Network(graph);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var chance = new Generator((ulong)seed);   // of its own: tests that run beside it draw from torch's
        Images = randint(0, 256, [images, graph.Input.Shape.Channels, graph.Input.Shape.Height, graph.Input.Shape.Width], uint8, generator: chance).MoveToOuterDisposeScope();
        foreach (IWeighted layer in graph.WeightedNodes)
            foreach (var (name, tensor) in Network.StateOf(layer.Name)) tensor.copy_(Normal(tensor.shape, name == "bias" ? 0.3 : 0.5, 0));
        foreach (Node norm in graph.Nodes.Where(node => node is BatchNorm or TensorNorm))
            foreach (var (name, tensor) in Network.StateOf(norm.Name).Where(entry => entry.Name is "weight" or "bias"))
            {
                tensor.copy_(Normal(tensor.shape, 0.5, name == "weight" ? 0.7 : 0.2));
                if (name == "weight" && tensor.numel() > 2) tensor.narrow(0, 0, 2).copy_(torch.tensor([0.0f, -0.6f]));
            }
        Network.train();
        for (int i = 0; i < 3; i++) Network.forward(Images.to(float32).mul(CachedScalar.Of(0.8 + 0.1 * i))).Dispose();
        Network.FinishStatistics();
        for (int i = 0; i < 12; i++) Network.forward(Images.to(float32)).Dispose();
        Network.eval();

        // Scalars that TorchSharp converts by itself can be collected while they are read.
        Tensor Normal(long[] shape, double deviation, double mean) => randn(shape, generator: chance).mul(CachedScalar.Of(deviation)).add(CachedScalar.Of(mean), alpha: CachedScalar.Of(1));
    }

    public Network Network { get; }

    /// <summary>Raw images, uint8 [N, C, H, W].</summary>
    public Tensor Images { get; }

    public void Dispose()
    {
        Network.Dispose();
        Images.Dispose();
    }
}
