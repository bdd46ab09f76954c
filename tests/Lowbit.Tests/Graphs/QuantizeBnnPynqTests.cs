using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class QuantizeBnnPynqTests
{
    static readonly QuantizationSpec Spec = new() { Scheme = QuantizationScheme.BnnPynq, WeightBitWidth = 2, ActivationBitWidth = 2, FirstWeightBitWidth = 2, LastWeightBitWidth = 2 };

    [Fact]
    public void Scales_are_constants_and_the_quantizer_is_the_activation()
    {
        Graph graph = ModelZoo.Build(new("quant_cnv", new(3, 32, 32), 10) { Normalization = Normalization.ToUnitRange }, Spec);
        Assert.Equal(new Quantize("input.quant", "normalize", new ActivationQuantizer(8, Signed: true, ActivationScale.FixedPointUnit)), graph["input.quant"]);
        Assert.Equal(new Quantize("relu1.quant", "bn1", new ActivationQuantizer(2, Signed: true, ActivationScale.Constant)), graph["relu1.quant"]);
        Assert.Empty(graph.Nodes.OfType<Relu>());
        Assert.All(graph.WeightedNodes, layer => Assert.Equal((2, WeightScale.BnnPynq), (layer.WeightQuantizer!.BitWidth, layer.WeightQuantizer.Scale)));
    }

    [Fact]
    public void A_tensor_norm_takes_the_place_of_the_last_bias()
    {
        Graph graph = ModelZoo.Build(new("quant_cnv", new(3, 32, 32), 10), Spec);
        Assert.Equal(new TensorNorm("linear3.norm", "linear3"), graph.Output);
        Assert.False(((Linear)graph["linear3"]).Bias);
    }

    [Fact]
    public void A_layer_without_an_activation_in_front_gets_a_signed_quantizer()
    {
        Graph graph = new GraphBuilder(new Shape(3, 8, 8)).Conv(4, kernel: 3).Linear(10).ToGraph().Quantize(Spec);
        Assert.Equal(new Quantize("flatten1.quant", "flatten1", new ActivationQuantizer(2, Signed: true, ActivationScale.Constant)), graph["flatten1.quant"]);
    }

    [Theory]
    [InlineData("quant_resnet20", "The scheme bnn_pynq has no integer form of stage1.block1.add1 (add); it is for networks without adds and average pools, such as cnv")]
    [InlineData("quant_mobilenetv1", "The scheme bnn_pynq has no integer form of pool1 (average pool); it is for networks without adds and average pools, such as cnv")]
    public void Adds_and_average_pools_are_refused(string name, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<GraphException>(() => ModelZoo.Build(new(name, new(3, 32, 32), 10), Spec)).Message);
}
