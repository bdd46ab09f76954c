using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
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
                Assert.InRange(weights.eq(CachedScalar.Of(part.Item1)).to(float32).mean().item<float>(), part.Item2 - 0.06, part.Item2 + 0.06));
        }
    }

    [Theory]
    [InlineData("resnet20", 1, 1, 1)]
    [InlineData("resnet110", 0.408, 0.408, 0.408)]
    [InlineData("resnet50", 1, 0.866, 0.707)]
    [InlineData("quant_resnet110", 0.408, 0.408, 0.408)]
    public void Residual_branches_of_deep_stages_begin_smaller(string model, double first, double second, double third)
    {
        Graph graph = ModelZoo.Build(new(model, new Shape(3, 32, 32), 10), new());
        double Weight(int stage) => ((BatchNorm)graph[$"stage{stage}.block1.bn{(model == "resnet50" ? 3 : 2)}"]).InitialWeight;
        Assert.Equal((first, second, third), (Math.Round(Weight(1), 3), Math.Round(Weight(2), 3), Math.Round(Weight(3), 3)));
        Assert.Equal(1, ((BatchNorm)graph["stage2.block1.shortcut.bn"]).InitialWeight);
        Assert.Equal(1, ((BatchNorm)graph["stage1.block1.bn1"]).InitialWeight);
    }

    [Theory]
    [InlineData(3, 1, 0.5)]
    [InlineData(1, 1, 0.25)]
    [InlineData(3, 64, 0.25)]
    public void Weights_in_front_of_a_batch_norm_begin_smaller_than_others(int kernel, int groups, double size)
    {
        using var scope = NewDisposeScope();
        GraphBuilder Conv() => new GraphBuilder(new Shape(64, 8, 8)).Conv(64, kernel, groups: groups);
        using Network normalized = new(Conv().BatchNorm().ToGraph()), bare = new(Conv().Relu().ToGraph());
        double he = Math.Sqrt(2.0 / (64.0 / groups * kernel * kernel));
        Assert.InRange(normalized.WeightsOf("conv1").Value.std().item<float>() / he, size * 0.9, size * 1.1);
        Assert.InRange(bare.WeightsOf("conv1").Value.std().item<float>() / he, 0.9, 1.1);
    }
}
