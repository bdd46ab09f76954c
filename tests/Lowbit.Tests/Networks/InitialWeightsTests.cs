using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

public class InitialWeightsTests
{
    [Fact]
    public void Where_scales_are_constant_weights_begin_with_all_their_levels_in_use()
    {
        using var scope = NewDisposeScope();
        using var network = new Network(ModelZoo.Build(new("quant_cnv", new Shape(3, 32, 32), 10),
            new() { Scheme = QuantizationScheme.BnnPynq, WeightBitWidth = 2, ActivationBitWidth = 2, FirstWeightBitWidth = 2, LastWeightBitWidth = 2 }));

        // Uniform within -1..1, they round to -1, 0 and 1 in parts of 1/4, 1/2 and 1/4.
        foreach (var layer in network.Graph.WeightedNodes)
        {
            Tensor weights = network.WeightsOf(layer.Name).Value;
            Assert.All(new[] { (-1, 0.25), (0, 0.5), (1, 0.25) }, part =>
                Assert.InRange(weights.eq(part.Item1).to(float32).mean().item<float>(), part.Item2 - 0.06, part.Item2 + 0.06));
        }
    }

    [Fact]
    public void Weights_in_front_of_a_batch_norm_begin_at_a_quarter_of_the_size_of_others()
    {
        using var scope = NewDisposeScope();
        GraphBuilder Conv() => new GraphBuilder(new Shape(64, 8, 8)).Conv(64, kernel: 3);
        using Network normalized = new(Conv().BatchNorm().ToGraph()), bare = new(Conv().Relu().ToGraph());
        double he = Math.Sqrt(2.0 / (64 * 9));
        Assert.InRange(normalized.WeightsOf("conv1").Value.std().item<float>() / he, 0.24, 0.26);
        Assert.InRange(bare.WeightsOf("conv1").Value.std().item<float>() / he, 0.97, 1.03);
    }
}
