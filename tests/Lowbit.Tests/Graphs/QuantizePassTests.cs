using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>The rules of the pass, but for those of adds.</summary>
public class QuantizePassTests
{
    static readonly QuantizationSpec Spec = QuantizationSpec.Brevitas with { WeightBitWidth = 3, ActivationBitWidth = 4, FirstWeightBitWidth = 7, LastWeightBitWidth = 6, InputBitWidth = 5 };

    static GraphBuilder Images => new(new Shape(3, 8, 8));

    static Graph Quantized(GraphBuilder x, QuantizationSpec? spec = null)
    {
        Graph graph = x.ToGraph(), quantized = graph.Quantize(spec ?? Spec);
        Fits.Integers(quantized, graph);
        return quantized;
    }

    static string Names(Graph graph) => string.Join(' ', graph.Nodes.Select(node => node.Name));

    [Fact]
    public void Images_are_quantized_signed_after_their_normalization()
    {
        Graph graph = Quantized(Images.Normalize([0], [1], name: "normalize").Conv(4, kernel: 3));
        Assert.Equal("input normalize input.quant conv1", Names(graph));
        Assert.Equal(new Quantize("input.quant", "normalize", new ActivationQuantizer(5, Signed: true)), graph["input.quant"]);
    }

    [Fact]
    public void Images_without_normalization_are_quantized_as_they_come() =>
        Assert.Equal("input input.quant conv1 normalize1 normalize1.quant conv2", Names(Quantized(Images.Conv(4, kernel: 3).Normalize([0], [1]).Conv(4, kernel: 3))));

    [Fact]
    public void The_first_and_the_last_layer_have_weights_of_their_own_width()
    {
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).ConvBnRelu(4, kernel: 3).Linear(8).Relu().Linear(10));
        Assert.Equal([7, 3, 3, 6], graph.WeightedNodes.Select(layer => layer.WeightQuantizer!.BitWidth));
        Assert.Equal([7], Quantized(Images.Linear(10)).WeightedNodes.Select(layer => layer.WeightQuantizer!.BitWidth));
    }

    [Fact]
    public void Everything_has_8_bits_when_nothing_else_is_said()
    {
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).ConvBnRelu(4, kernel: 3).Linear(10), new());
        Assert.All(graph.WeightedNodes, layer => Assert.Equal(new WeightQuantizer(8, WeightScale.MaxAbs, PerChannel: layer.Name != "linear1"), layer.WeightQuantizer));
        Assert.All(graph.Nodes.OfType<Quantize>(), node => Assert.Equal(8, node.Quantizer.BitWidth));
    }

    [Fact]
    public void A_bias_is_quantized_where_there_is_one()
    {
        Graph graph = Quantized(Images.Conv(4, kernel: 3, bias: true).Relu().Conv(4, kernel: 3).Relu().Linear(10), Spec with { BiasBitWidth = 16 });
        Assert.Equal([16, null, 16], graph.WeightedNodes.Select(layer => layer.BiasBitWidth));
        Assert.Null(Quantized(Images.Linear(10), Spec with { BiasBitWidth = null }).WeightedNodes.First().BiasBitWidth);
    }

    [Fact]
    public void Binary_weights_scale_by_their_mean()
    {
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).ConvBnRelu(4, kernel: 3).Linear(10), Spec with { WeightBitWidth = 1 });
        Assert.Equal([WeightScale.MaxAbs, WeightScale.MeanAbs, WeightScale.MaxAbs], graph.WeightedNodes.Select(layer => layer.WeightQuantizer!.Scale));
    }

    [Fact]
    public void Quantizer_choices_reach_every_layer()
    {
        QuantizationSpec spec = Spec with
        {
            WeightScale = WeightScale.PowerOfTwo,
            PerChannelWeights = false,
            ActivationScale = ActivationScale.PowerOfTwo,
            CollectStatisticsSteps = 7,
        };
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).Conv(4, kernel: 3).Linear(10), spec);
        Assert.All(graph.WeightedNodes, layer => Assert.Equal(new WeightQuantizer(layer.WeightQuantizer!.BitWidth, WeightScale.PowerOfTwo, PerChannel: false), layer.WeightQuantizer));
        Assert.All(graph.Nodes.OfType<Quantize>(), node => Assert.Equal((ActivationScale.PowerOfTwo, 7), (node.Quantizer.Scale, node.Quantizer.CollectStatisticsSteps)));
    }

    [Fact]
    public void Every_relu_is_followed_by_an_unsigned_quantizer_that_pools_and_flattening_keep()
    {
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).MaxPool(2).Flatten().Linear(10));
        Assert.Equal("input input.quant conv1 bn1 relu1 relu1.quant pool1 flatten1 linear1", Names(graph));
        Assert.Equal(new Quantize("relu1.quant", "relu1", new ActivationQuantizer(4)), graph["relu1.quant"]);
    }

    [Fact]
    public void A_layer_that_would_take_real_numbers_gets_a_signed_quantizer()
    {
        Graph graph = Quantized(Images.Conv(4, kernel: 3).Conv(4, kernel: 1).BatchNorm().MaxPool(2).Linear(10));
        Assert.Equal("input input.quant conv1 conv1.quant conv2 bn1 pool1 flatten1 flatten1.quant linear1", Names(graph));
        Assert.Equal(new Quantize("conv1.quant", "conv1", new ActivationQuantizer(4, Signed: true)), graph["conv1.quant"]);
    }

    [Fact]
    public void A_value_that_several_layers_take_is_quantized_once()
    {
        var x = Images.Conv(4, kernel: 3).BatchNorm();
        Graph graph = Quantized(x.Conv(4, kernel: 3).Relu().Add(x.Conv(4, kernel: 1).Relu()));
        Assert.Equal("bn1.quant", graph["conv2"].Inputs[0]);
        Assert.Equal("bn1.quant", graph["conv3"].Inputs[0]);
    }

    [Theory]
    [InlineData(4, 2, 6)]   // 4 x 15 = 60
    [InlineData(4, 8, 8)]   // 64 x 15 = 960: 10 bits, truncated
    [InlineData(1, 2, 3)]   // 4 x 1 = 4
    [InlineData(1, 8, 7)]   // 64 x 1 = 64
    [InlineData(8, 1, 8)]
    [InlineData(8, 8, 8)]
    public void An_average_pool_keeps_the_bits_of_its_sum_up_to_8(int activationBits, int kernel, int outputBits)
    {
        Graph graph = Quantized(Images.ConvBnRelu(4, kernel: 3).AveragePool(kernel).Linear(10), Spec with { ActivationBitWidth = activationBits });
        Assert.Equal(outputBits, ((AveragePool)graph["pool1"]).OutputBitWidth);
        Assert.Equal("flatten1", graph["linear1"].Inputs[0]);
    }

    [Fact]
    public void An_average_pool_of_real_numbers_gets_a_quantizer_and_one_of_a_pool_does_not()
    {
        Graph graph = Quantized(Images.Conv(4, kernel: 3).AveragePool(2).AveragePool(2).Linear(10));
        Assert.Equal("input input.quant conv1 conv1.quant pool1 pool2 flatten1 linear1", Names(graph));
        Assert.Equal([6, 8], graph.Nodes.OfType<AveragePool>().Select(pool => pool.OutputBitWidth));
    }

    [Fact]
    public void A_network_that_only_looks_at_images_can_be_quantized() =>
        Assert.Equal("input input.quant pool1", Names(Quantized(Images.AveragePool(2))));

    [Fact]
    public void Shifted_activations_are_unsigned_wherever_they_stand()
    {
        var x = Images.Conv(4, kernel: 3).BatchNorm();
        Graph graph = Quantized(x.Conv(4, kernel: 3).BatchNorm().Add(x).Relu().Linear(10), Spec with { ActivationScale = ActivationScale.Shifted });
        Assert.All(graph.Nodes.OfType<Quantize>().Skip(1), node => Assert.Equal((ActivationScale.Shifted, false), (node.Quantizer.Scale, node.Quantizer.Signed)));
        Assert.Equal(["relu1"], graph.Nodes.OfType<Relu>().Select(node => node.Name));
    }

    [Fact]
    public void A_quantized_network_is_not_quantized_again()
    {
        Graph once = Quantized(Images.Linear(10));
        Assert.Equal("The network is quantized already", Assert.Throws<GraphException>(() => once.Quantize(Spec)).Message);
    }

    [Fact]
    public void A_name_that_the_pass_needs_is_refused_by_name() =>
        Assert.Equal("Two nodes are named relu1.quant", Assert.Throws<GraphException>(() => Images.Relu().BatchNorm(name: "relu1.quant").ToGraph().Quantize(Spec)).Message);
}
