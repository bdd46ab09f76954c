using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class LayerOverrideTests
{
    static Graph Network
    {
        get
        {
            var x = new GraphBuilder(new Shape(3, 8, 8)).ConvBnRelu(4, kernel: 3);
            foreach (string block in new[] { "block1", "block2" }) x = x.In(block).ConvBnRelu(4, kernel: 3).Conv(4, kernel: 3).BatchNorm().Add(x).Relu();
            return x.In("").Linear(10).ToGraph();
        }
    }

    static Graph Quantized(params LayerOverride[] overrides) => Network.Quantize(QuantizationSpec.Brevitas with { WeightBitWidth = 4, ActivationBitWidth = 4, Overrides = [.. overrides] });

    static int WeightBits(Graph graph, string name) => ((IWeighted)graph[name]).WeightQuantizer!.BitWidth;

    static int ActivationBits(Graph graph, string name) => ((Quantize)graph[name]).Quantizer.BitWidth;

    [Fact]
    public void A_pattern_changes_what_it_matches_and_nothing_else()
    {
        Graph graph = Quantized(new LayerOverride("block1.*", WeightBitWidth: 2));
        Assert.Equal([8, 2, 2, 4, 4, 8], graph.WeightedNodes.Select(layer => layer.WeightQuantizer!.BitWidth));
        Assert.All(graph.Nodes.OfType<Quantize>().Skip(1), node => Assert.Equal(4, node.Quantizer.BitWidth));
    }

    [Fact]
    public void The_last_pattern_that_says_something_counts()
    {
        Graph graph = Quantized(new("*", 3, 5), new("block1.conv?", 2), new("block1.conv1", ActivationBitWidth: null, WeightBitWidth: 6), new("block2.relu1", ActivationBitWidth: 1));
        Assert.Equal(3, WeightBits(graph, "conv1"));
        Assert.Equal(6, WeightBits(graph, "block1.conv1"));
        Assert.Equal(2, WeightBits(graph, "block1.conv2"));
        Assert.Equal(3, WeightBits(graph, "linear1"));
        Assert.Equal(5, ActivationBits(graph, "block1.relu1.quant"));
        Assert.Equal(1, ActivationBits(graph, "block2.relu1.quant"));
        Assert.Equal(8, ActivationBits(graph, "input.quant"));
    }

    [Fact]
    public void The_first_value_of_a_shared_scale_decides_for_all()
    {
        Graph graph = Quantized(new LayerOverride("relu1", ActivationBitWidth: 6));
        Assert.Equal(6, ActivationBits(graph, "relu1.quant"));
        Assert.Equal(6, ActivationBits(graph, "block1.bn2.quant"));
    }

    [Theory]
    [InlineData("block3.*", 2, null, "No convolution or linear layer has a name like block3.*; one of them is conv1")]
    [InlineData("block1.cov1", 2, null, "No convolution or linear layer has a name like block1.cov1; one of them is block1.conv1")]
    [InlineData("relu1", 2, null, "No convolution or linear layer has a name like relu1; one of them is conv1")]
    [InlineData("conv1", null, 2, "No quantized activation has a name like conv1; one of them is relu1")]
    [InlineData("input", null, 2, "No quantized activation has a name like input; one of them is relu1")]
    [InlineData("block1.bn2", null, 2, "No quantized activation has a name like block1.bn2; one of them is block1.relu2")]
    public void A_pattern_that_changes_nothing_is_refused(string pattern, int? weightBits, int? activationBits, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<GraphException>(() => Quantized(new LayerOverride(pattern, weightBits, activationBits))).Message);

    [Fact]
    public void A_width_that_no_quantizer_has_is_refused() =>
        Assert.Equal("A quantizer of 9 bits is not possible; it has 1 to 8", Assert.Throws<GraphException>(() => Quantized(new LayerOverride("*", 9))).Message);
}
