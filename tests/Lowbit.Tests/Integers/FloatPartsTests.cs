using Lowbit.Graphs;
using Lowbit.Integers;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Integers;

/// <summary>What has no integer form is refused with one sentence that names the node and, where there is one, the key to change.</summary>
public class FloatPartsTests
{
    static readonly ActivationQuantizer Act = new(4, CollectStatisticsSteps: 1);
    static readonly WeightQuantizer Weights = new(4);

    static GraphBuilder Images => new GraphBuilder(new Shape(3, 8, 8)).Quantize(Act, name: "images");

    static readonly Dictionary<string, (Func<Graph> Graph, string Sentence)> All = new()
    {
        ["float weights"] = (() => Images.Conv(4, 3, name: "c").Linear(5, weights: Weights).ToGraph(), "c (conv): its weights are float, and an integer network has integers only; set model.name to a quant_ model"),
        ["a float input"] = (() => new GraphBuilder(new Shape(3, 8, 8)).Conv(4, 3, weights: Weights, name: "c").Linear(5, weights: Weights).ToGraph(), "c (conv): it takes the value of input, which is not in integers; quantize it (model.name: a quant_ model)"),
        ["a layer of sums"] = (() => Images.Conv(4, 3, weights: Weights, name: "c").Relu(name: "r").Conv(4, 3, weights: Weights, name: "d").Linear(5, weights: Weights).ToGraph(), "d (conv): it takes the value of r, which is not in integers; quantize it (model.name: a quant_ model)"),
        ["shifted activations"] = (() => Images.Conv(4, 3, weights: Weights).Quantize(Act with { Scale = ActivationScale.Shifted }, name: "q").Linear(5, weights: Weights).ToGraph(), "q (quantize): an integer network has no zero points; set quantization.act_quantizer to learned or power_of_two"),
        ["shifted weights"] = (() => Images.Conv(4, 3, weights: Weights with { Scale = WeightScale.Shifted }, name: "c").Quantize(Act).Linear(5, weights: Weights).ToGraph(), "c (conv): an integer network has no zero points; set quantization.weight_quantizer to max_abs or power_of_two"),
        ["an exact mean"] = (() => Images.AveragePool(8, name: "p").Linear(5, weights: Weights).ToGraph(), "p (average pool): an exact mean is no integer; give the average pool output bits (model.name: a quant_ model)"),
        ["a scale for each channel"] = (() => Images.Conv(4, 3, weights: Weights).Quantize(Act with { PerChannel = true }, name: "q").Conv(4, 3, weights: Weights, name: "c").Quantize(Act).Linear(5, weights: Weights).ToGraph(), "c (conv): channels 0 and 1 of its input q are added up and have different scales; give the quantizer of its input one scale for all channels"),
        ["unequal scales"] = (() => Unequal(), "a (add): its operands r and q have different scales; share the quantizer of both (model.name: a quant_ model)"),
        ["a float end"] = (() => Images.Conv(5, 8, padding: 0, weights: Weights).Relu(name: "r").Flatten().ToGraph(), "r (relu): between the last integers and the logits there is only place for scales and offsets; put it before a quantizer, or leave it out"),
        ["a norm that turns around"] = (() => Images.Conv(4, 3, weights: Weights).MaxPool(2, name: "p").BatchNorm(name: "b").Quantize(Act).Linear(5, weights: Weights).ToGraph(), "b (batch norm): it turns values around after the max pool p, whose input is not quantized; quantize before the pool"),
        ["a norm of pixels"] = (() => Images.Conv(4, 3, weights: Weights).Flatten(name: "f").BatchNorm(name: "b").Quantize(Act).Linear(5, weights: Weights).ToGraph(), "b (batch norm): it treats each pixel of a channel differently, after a flattening of what is not quantized; quantize before flattening"),
        ["sums beyond int32"] = (() => new GraphBuilder(new Shape(1, 259, 259)).Quantize(Act with { BitWidth = 8 }).Linear(2, weights: Weights with { BitWidth = 8, Scale = WeightScale.Constant }, name: "l").ToGraph(), "l: a sum of channel 0 could reach "),
    };

    public static IEnumerable<TheoryDataRow<string>> Cases => All.Keys.Select(what => new TheoryDataRow<string>(what));

    [Theory, MemberData(nameof(Cases))]
    public void It_is_refused_by_node_and_key(string what)
    {
        using var trained = new TrainedLike(All[what].Graph(), seed: 4, images: 2);
        if (what == "sums beyond int32")
        {
            using var _ = no_grad();
            trained.Network.StateOf("l").First().Tensor.fill_(CachedScalar.Of(1));
        }
        Assert.StartsWith(All[what].Sentence, Assert.Throws<LowbitException>(() => IntegerForm.Of(trained.Network)).Message);
    }

    [Fact]
    public void What_is_not_a_number_is_refused_by_its_name()
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 4);
        using var _ = no_grad();
        trained.Network.StateOf("bn1").First(entry => entry.Name == "bias").Tensor[2] = double.NaN;
        Assert.Equal("bn1.bias holds what is not a number, so that the network has no integer form; train it anew", Assert.Throws<LowbitException>(() => IntegerForm.Of(trained.Network)).Message);
    }

    static Graph Unequal()
    {
        var q = Images.Conv(3, 3, weights: Weights).Quantize(Act, name: "q");
        return q.Conv(3, 3, weights: Weights).Quantize(Act, name: "r").Add(q, name: "a").Linear(5, weights: Weights).ToGraph();
    }
}
