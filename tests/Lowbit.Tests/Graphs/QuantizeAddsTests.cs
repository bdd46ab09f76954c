using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>What the pass does to the operands of an add: one scale, unsigned where the sum goes through a ReLU anyway.</summary>
public class QuantizeAddsTests
{
    static GraphBuilder Images => new(new Shape(3, 8, 8));

    static GraphBuilder ConvBn(GraphBuilder x) => x.Conv(4, kernel: 3).BatchNorm();

    static Graph Quantized(GraphBuilder x)
    {
        Graph graph = x.ToGraph(), quantized = graph.Quantize(QuantizationSpec.Brevitas with { WeightBitWidth = 4, ActivationBitWidth = 4 });
        Fits.Integers(quantized, graph);
        return quantized;
    }

    static void AssertQuantizer(Graph graph, string name, string from, bool signed, string? sharedWith)
    {
        var node = (Quantize)graph[name];
        Assert.Equal((from, signed, sharedWith), (node.From, node.Quantizer.Signed, node.SharedWith));
    }

    [Fact]
    public void The_branch_of_a_residual_block_gets_a_relu_and_the_scale_of_its_identity()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(x).Relu().Linear(10));
        AssertQuantizer(graph, "bn2.quant", "bn2.relu", signed: false, "relu1.quant");
        Assert.Equal(new Add("add1", "bn2.quant", "relu1.quant"), graph["add1"]);
        Assert.Equal("add1", graph["relu2"].Inputs[0]);
        AssertQuantizer(graph, "relu2.quant", "relu2", signed: false, null);
    }

    [Fact]
    public void Both_branches_get_a_relu_where_neither_has_one()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(ConvBn(x)).Relu().Linear(10));
        AssertQuantizer(graph, "bn2.quant", "bn2.relu", signed: false, null);
        AssertQuantizer(graph, "bn3.quant", "bn3.relu", signed: false, "bn2.quant");
    }

    [Fact]
    public void A_branch_that_is_rectified_beside_its_blocks_own_input_starts_small()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        var y = ConvBn(x).Add(x).Relu();
        Graph graph = Quantized(ConvBn(y).Add(ConvBn(y)).Relu().Linear(10));
        Assert.Equal([1, 0.4, 1, 1], graph.Nodes.OfType<BatchNorm>().Select(norm => norm.InitialWeight));
        using var network = new Network(graph);
        Assert.All(network.StateOf("bn2").First(entry => entry.Name == "weight").Tensor.data<float>(), weight => Assert.Equal(0.4f, weight));

        var signed = ConvBn(Images);
        Assert.All(Quantized(ConvBn(signed).Add(signed).Linear(10)).Nodes.OfType<BatchNorm>(), norm => Assert.Equal(1, norm.InitialWeight));
    }

    [Fact]
    public void Two_branches_that_end_in_relus_share_a_scale_without_being_quantized_twice()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Relu().Add(ConvBn(x).Relu()).Linear(10));
        AssertQuantizer(graph, "relu3.quant", "relu3", signed: false, "relu2.quant");
        AssertQuantizer(graph, "flatten1.quant", "flatten1", signed: false, null);
        Assert.Equal(new Add("add1", "relu2.quant", "relu3.quant"), graph["add1"]);
    }

    [Fact]
    public void Max_pools_and_flattening_keep_the_scale_that_an_add_needs()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Relu().MaxPool(2).Flatten().Add(x.MaxPool(2).Flatten()).Linear(10));
        AssertQuantizer(graph, "relu2.quant", "relu2", signed: false, "relu1.quant");
        Assert.Equal(new Add("add1", "flatten1", "flatten2"), graph["add1"]);
    }

    [Fact]
    public void A_linear_sum_stays_linear_its_operands_signed()
    {
        // MobileNetV2's bottleneck: neither the block's end nor the sum has an activation.
        var x = ConvBn(Images);
        Graph graph = Quantized(ConvBn(x.ConvBnRelu(4, kernel: 1)).Add(x).Linear(10));
        AssertQuantizer(graph, "bn1.quant", "bn1", signed: true, null);
        AssertQuantizer(graph, "bn3.quant", "bn3", signed: true, "bn1.quant");
        AssertQuantizer(graph, "flatten1.quant", "flatten1", signed: true, null);
        Assert.Single(graph.Nodes.OfType<Relu>());
    }

    [Fact]
    public void A_relu_and_a_linear_branch_meet_in_signed_integers_where_the_sum_is_linear()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(x).Linear(10));
        AssertQuantizer(graph, "relu1.quant", "relu1", signed: true, null);
        AssertQuantizer(graph, "bn2.quant", "bn2", signed: true, "relu1.quant");
    }

    [Fact]
    public void A_branch_that_a_layer_takes_too_is_not_cut_off_by_a_relu()
    {
        var x = ConvBn(Images);
        Graph graph = Quantized(ConvBn(x).Add(x).Relu().Linear(10));
        AssertQuantizer(graph, "bn1.quant", "bn1", signed: true, null);
        AssertQuantizer(graph, "bn2.quant", "bn2", signed: true, "bn1.quant");
    }

    [Fact]
    public void A_sum_of_sums_is_quantized_between_them()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        var sum = ConvBn(x).Relu().Add(x);
        Graph graph = Quantized(ConvBn(sum).Relu().Add(sum).Linear(10));
        AssertQuantizer(graph, "add1.quant", "add1", signed: false, null);
        AssertQuantizer(graph, "relu3.quant", "relu3", signed: false, "add1.quant");
        Assert.Equal(new Add("add2", "relu3.quant", "add1.quant"), graph["add2"]);
    }

    [Fact]
    public void Sums_that_take_each_other_and_a_common_value_share_one_scale()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        var sum = ConvBn(x).Relu().Add(x);
        Graph graph = Quantized(sum.Add(x).Linear(10));
        Assert.Equal("relu1.quant", ((Quantize)graph["relu2.quant"]).Owner);
        Assert.Equal("relu1.quant", ((Quantize)graph["add1.quant"]).Owner);
    }

    [Fact]
    public void A_sign_spreads_through_sums_to_all_that_meet_them()
    {
        // x1 + y1 meets x2, that sum meets x1 again, and one of the operands is linear.
        var x = Images.ConvBnRelu(4, kernel: 3);
        var (x1, y1, x2) = (ConvBn(x).Relu(), ConvBn(x), ConvBn(x).Relu());
        Graph graph = Quantized(x1.Add(y1).Add(x2).Add(x1).Linear(10));
        Assert.All(graph.Nodes.OfType<Quantize>().Where(node => node.Name is not ("input.quant" or "relu1.quant")), node => Assert.True(node.Quantizer.Signed));
    }

    [Fact]
    public void A_value_is_added_to_itself_at_its_scale()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Assert.Equal(new Add("add1", "relu1.quant", "relu1.quant"), Quantized(x.Add(x).Linear(10))["add1"]);
    }

    [Fact]
    public void Images_are_added_at_their_own_scale()
    {
        var x = Images;
        Graph graph = Quantized(x.Conv(3, kernel: 3).Add(x).Relu().Linear(10));
        AssertQuantizer(graph, "conv1.quant", "conv1", signed: true, "input.quant");
        Assert.Equal(8, ((Quantize)graph["conv1.quant"]).Quantizer.BitWidth);
    }

    [Fact]
    public void A_pooled_mean_is_quantized_again_to_be_added()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(x.AveragePool(2).Add(x.Conv(4, kernel: 3, stride: 2).Relu()).Linear(10));
        AssertQuantizer(graph, "relu2.quant", "relu2", signed: false, null);
        AssertQuantizer(graph, "pool1.quant", "pool1", signed: false, "relu2.quant");
    }

    [Fact]
    public void Pre_activation_blocks_keep_a_signed_identity()
    {
        // He et al. 2016, "Identity Mappings in Deep Residual Networks": the sums go on unchanged.
        var x = Images.Conv(4, kernel: 3);
        for (int block = 0; block < 2; block++) x = x.BatchNorm().Relu().Conv(4, kernel: 3).Add(x);
        Graph graph = Quantized(x.BatchNorm().Relu().Linear(10));
        AssertQuantizer(graph, "conv1.quant", "conv1", signed: true, "conv2.quant");
        AssertQuantizer(graph, "add1.quant", "add1", signed: true, "conv3.quant");
        Assert.Equal("add1", graph["bn2"].Inputs[0]);
    }
}
