using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>Residual streams have bits of their own; layers that take fewer share one quantizer after each.</summary>
public class ResidualStreamTests
{
    static GraphBuilder Images => new(new Shape(3, 8, 8));

    static GraphBuilder ConvBn(GraphBuilder x, int channels = 4, int stride = 1) => x.Conv(channels, kernel: 3, stride: stride).BatchNorm();

    static Graph Quantized(GraphBuilder x, QuantizationSpec? spec = null)
    {
        Graph graph = x.ToGraph(), quantized = graph.Quantize(spec ?? new() { WeightBitWidth = 2, ActivationBitWidth = 2 });
        Fits.Integers(quantized, graph);
        return quantized;
    }

    static GraphBuilder Block(GraphBuilder x) => ConvBn(x.ConvBnRelu(4, kernel: 3)).Add(x).Relu();

    static (int Bits, string From, string? SharedWith) Of(Graph graph, string name) =>
        graph[name] is Quantize node ? (node.Quantizer.BitWidth, node.From, node.SharedWith) : throw new InvalidOperationException(name);

    [Fact]
    public void What_is_added_has_8_bits_and_what_a_convolution_takes_2()
    {
        Graph graph = Quantized(Block(Images.ConvBnRelu(4, kernel: 3)).Linear(10));
        Assert.Equal((8, "relu1", null), Of(graph, "relu1.quant"));
        Assert.Equal((2, "relu1.quant", null), Of(graph, "relu1.narrow"));
        Assert.Equal("relu1.narrow", ((Conv)graph["conv2"]).From);
        Assert.Equal((2, "relu2", null), Of(graph, "relu2.quant"));
        Assert.Equal((8, "bn3", "relu1.quant"), Of(graph, "bn3.quant"));
        Assert.Equal(new Add("add1", "bn3.quant", "relu1.quant"), graph["add1"]);
        Assert.Equal((8, "relu3", null), Of(graph, "relu3.quant"));
    }

    [Fact]
    public void The_last_layer_and_a_pool_take_the_stream_itself()
    {
        GraphBuilder Sum() => Block(Images.ConvBnRelu(4, kernel: 3));
        Assert.Equal("relu3.quant", ((Flatten)Quantized(Sum().Linear(10))["flatten1"]).From);
        Assert.Equal("relu3.quant", Quantized(Sum().GlobalAveragePool().Linear(10)).Nodes.OfType<AveragePool>().Single().From);
    }

    [Fact]
    public void All_convolutions_that_take_one_stream_share_its_quantizer_but_for_the_shortcut()
    {
        GraphBuilder stream = Block(Images.ConvBnRelu(4, kernel: 3)), branch = ConvBn(stream.ConvBnRelu(8, kernel: 3, stride: 2), 8);
        Graph graph = Quantized(branch.Add(stream.Conv(8, kernel: 1, stride: 2).BatchNorm()).Relu().Linear(10));
        Conv[] readers = [.. graph.Nodes.OfType<Conv>().Where(conv => conv.From is "relu3.narrow" or "relu3.quant")];
        Assert.Equal([(3, "relu3.narrow"), (1, "relu3.quant")], readers.Select(conv => (conv.Kernel, conv.From)));
        Assert.Single(graph.Nodes, node => node.Name.StartsWith("relu3.", StringComparison.Ordinal) && node.Name.EndsWith("narrow", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stream_that_has_no_more_bits_than_activations_needs_no_other_quantizer()
    {
        GraphBuilder x = Block(Images.ConvBnRelu(4, kernel: 3)).Linear(10);
        foreach (var spec in new QuantizationSpec[] { new(), new() { ActivationBitWidth = 4, ResidualBitWidth = 4 }, new() { ActivationBitWidth = 4, ResidualBitWidth = null } })
            Assert.DoesNotContain(Quantized(x, spec).Nodes, node => node.Name.EndsWith(".narrow", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stream_can_have_fewer_bits_than_activations()
    {
        Graph graph = Quantized(Block(Images.ConvBnRelu(4, kernel: 3)).Linear(10), new() { ActivationBitWidth = 6, ResidualBitWidth = 5 });
        Assert.Equal((5, 6, 5), (Of(graph, "relu1.quant").Bits, Of(graph, "relu2.quant").Bits, Of(graph, "bn3.quant").Bits));
    }

    [Fact]
    public void An_override_gives_the_bits_that_layers_take_of_a_stream()
    {
        Graph graph = Quantized(Block(Images.ConvBnRelu(4, kernel: 3)).Linear(10), new() { ActivationBitWidth = 2, Overrides = [new("relu1", ActivationBitWidth: 3)] });
        Assert.Equal((8, 3), (Of(graph, "relu1.quant").Bits, Of(graph, "relu1.narrow").Bits));
    }

    [Fact]
    public void The_linear_bottlenecks_of_MobileNetV2_are_streams_of_signed_values()
    {
        Graph graph = ModelZoo.Build(new("quant_mobilenetv2", new Shape(3, 32, 32), 10), new() { WeightBitWidth = 4, ActivationBitWidth = 4 });
        Quantize[] narrow = [.. graph.Nodes.OfType<Quantize>().Where(node => node.Name.EndsWith(".narrow", StringComparison.Ordinal))];
        Assert.NotEmpty(narrow);
        Assert.All(narrow, node => Assert.Equal((4, true, 8, true), (node.Quantizer.BitWidth, node.Quantizer.Signed, graph.Integers.BitWidthOf(node.From), graph.Integers.TypeOf(node.From)!.IsSigned)));
    }
}
