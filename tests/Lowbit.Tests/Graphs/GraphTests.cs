using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class GraphTests
{
    static readonly Input Images = new("input", new(3, 8, 8));

    public static TheoryData<string, Node[]> Malformed => new()
    {
        { "A network begins with its input node", [] },
        { "A network begins with its input node", [new Relu("relu1", "input")] },
        { "A network has one input, and more is a second one", [Images, new Input("more", new(3, 8, 8)), new Add("add1", "input", "more")] },
        { "Two nodes are named a", [Images, new Relu("a", "input"), new Relu("a", "a")] },
        { "relu1 takes the value of imput, and no node of that name comes before it; did you mean input?", [Images, new Relu("relu1", "imput")] },
        { "early takes the value of the_later_one, and no node of that name comes before it", [Images, new Relu("early", "the_later_one"), new Relu("the_later_one", "early")] },
        { "self takes the value of self, and no node of that name comes before it", [Images, new Relu("self", "self")] },
        { "No node takes the value of relu1, and it is not the last", [Images, new Relu("relu1", "input"), new Relu("relu2", "input")] },
        { "b shares the scale of c, and no quantizer of that name comes before it", [Images, new Quantize("a", "input", new(8)), new Quantize("b", "a", new(8), "c")] },
        { "b shares the scale of input, and no quantizer of that name comes before it", [Images, new Quantize("b", "input", new(8), "input")] },
        {
            "c shares the scale of b, and no quantizer of that name comes before it",
            [Images, new Quantize("a", "input", new(8)), new Quantize("b", "a", new(8), "a"), new Quantize("c", "b", new(8), "b")]
        },
    };

    [Theory, MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void Nodes_that_do_not_fit_together_are_refused(string sentence, Node[] nodes) =>
        Assert.Equal(sentence, Assert.Throws<GraphException>(() => new Graph(nodes)).Message);

    [Fact]
    public void A_graph_answers_by_name()
    {
        var graph = new Graph([Images, new Conv("conv1", "input", 4, 3), new Relu("relu1", "conv1"), new Add("add1", "relu1", "conv1")]);
        Assert.Same(graph.Nodes[1], graph["conv1"]);
        Assert.Equal(2, graph.IndexOf("relu1"));
        Assert.Equal(new Shape(4, 6, 6), graph.ShapeOf("add1"));
        Assert.Equal([new Shape(4, 6, 6), new Shape(4, 6, 6)], graph.InputShapes(graph.Output));
        Assert.Equal(["relu1", "add1"], graph.ConsumersOf("conv1").Select(node => node.Name));
        Assert.Equal(["conv1"], graph.WeightedNodes.Select(node => node.Name));
        Assert.Same(Images, graph.Input);
        Assert.Equal("No node is named conv2; did you mean conv1?", Assert.Throws<GraphException>(() => graph["conv2"]).Message);
        Assert.Equal("No node is named something_else", Assert.Throws<GraphException>(() => graph.ShapeOf("something_else")).Message);
    }

    [Fact]
    public void A_graph_knows_whether_it_is_quantized()
    {
        Assert.False(new Graph([Images, new Conv("conv1", "input", 4, 3)]).IsQuantized);
        Assert.True(new Graph([Images, new Conv("conv1", "input", 4, 3, WeightQuantizer: new(4))]).IsQuantized);
        Assert.True(new Graph([Images, new Quantize("q", "input", new(4))]).IsQuantized);
    }
}
