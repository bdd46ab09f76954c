using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class GraphBuilderTests
{
    static readonly Shape Image = new(3, 8, 8);

    static string Names(Graph graph) => string.Join(' ', graph.Nodes.Select(node => node.Name));

    [Fact]
    public void Nodes_are_numbered_by_kind() => Assert.Equal(
        "input normalize1 conv1 bn1 relu1 conv2 bn2 relu2 pool1 pool2 flatten1 linear1 norm1 quant1",
        Names(new GraphBuilder(Image).Normalize([0], [1]).ConvBnRelu(4, kernel: 3).ConvBnRelu(4, kernel: 3).MaxPool(2).AveragePool(2)
            .Linear(10).TensorNorm().Quantize(new(8)).ToGraph()));

    [Fact]
    public void A_scope_begins_names_and_counts_anew_and_goes_on_counting_when_it_is_left()
    {
        var x = new GraphBuilder(Image).Relu();
        x = x.In("stage1.block1").Relu().Relu(name: "last");
        x = x.In("stage1.block2").Relu().In("").Relu();
        Assert.Equal("input relu1 stage1.block1.relu1 stage1.block1.last stage1.block2.relu1 relu2", Names(x.ToGraph()));
    }

    [Fact]
    public void A_place_can_go_on_in_several_branches_that_meet_again()
    {
        var x = new GraphBuilder(Image).Conv(4, kernel: 1);
        var left = x.In("left").Conv(4, kernel: 3);
        var right = x.In("right").Conv(4, kernel: 1).Relu();
        Graph graph = left.In("").Add(right).Add(x).ToGraph();

        Assert.Equal("input conv1 left.conv1 right.conv1 right.relu1 add1 add2", Names(graph));
        Assert.Equal(["left.conv1", "right.relu1"], graph["add1"].Inputs);
        Assert.Equal(["add1", "conv1"], graph["add2"].Inputs);
        Assert.Equal(["left.conv1", "right.conv1", "add2"], graph.ConsumersOf("conv1").Select(node => node.Name));
    }

    [Fact]
    public void A_value_can_be_added_to_itself() =>
        Assert.Equal(["input", "input"], Twice(new GraphBuilder(Image)).ToGraph().Output.Inputs);

    static GraphBuilder Twice(GraphBuilder x) => x.Add(x);

    [Fact]
    public void A_linear_layer_flattens_an_image_and_only_an_image() =>
        Assert.Equal("input flatten1 linear1 linear2", Names(new GraphBuilder(Image).Linear(5).Linear(5).ToGraph()));

    [Fact]
    public void Settings_reach_the_nodes()
    {
        var x = new GraphBuilder(Image).Conv(6, kernel: 5, stride: 2, padding: 1, groups: 3, bias: true, weights: new(4), biasBitWidth: 16, name: "c");
        Assert.Equal(new Conv("c", "input", 6, 5, 2, 1, 3, true, new WeightQuantizer(4), 16), x.ToGraph().Output);
        x = x.BatchNorm(epsilon: 0.1, momentum: 0.2);
        Assert.Equal(new BatchNorm("bn1", "c", 0.1, 0.2), x.ToGraph().Output);
        x = x.Quantize(new(3, Signed: true), name: "q").Quantize(new(3, Signed: true), sharedWith: "q");
        Assert.Equal("q", ((Quantize)x.ToGraph().Output).Owner);
    }

    [Fact]
    public void Values_of_different_networks_cannot_be_added()
    {
        var error = Assert.Throws<GraphException>(() => new GraphBuilder(Image).Relu().Add(new GraphBuilder(Image)));
        Assert.Equal("relu1 and input cannot be added: they belong to different networks", error.Message);
    }

    [Fact]
    public void A_network_that_ends_before_its_last_node_is_refused()
    {
        var x = new GraphBuilder(Image).Relu();
        x.Conv(4, kernel: 3);
        Assert.Equal("The network ends at relu1, but conv1 was added after it and would be left out", Assert.Throws<GraphException>(x.ToGraph).Message);
    }

    [Fact]
    public void A_branch_that_leads_nowhere_is_refused()
    {
        var x = new GraphBuilder(Image);
        x.Conv(4, kernel: 3);
        Assert.Equal("No node takes the value of conv1, and it is not the last", Assert.Throws<GraphException>(x.Relu().ToGraph).Message);
    }

    [Fact]
    public void A_name_given_twice_is_refused() =>
        Assert.Equal("Two nodes are named a", Assert.Throws<GraphException>(new GraphBuilder(Image).Relu("a").Relu("a").ToGraph).Message);
}
