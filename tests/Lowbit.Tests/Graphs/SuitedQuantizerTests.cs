using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>What a specification leaves open suits the bit width of each layer; what it says stays as it is.</summary>
public class SuitedQuantizerTests
{
    static Graph Quantized(QuantizationSpec spec)
    {
        var x = new GraphBuilder(new Shape(3, 8, 8));
        for (int i = 0; i < 10; i++) x = x.ConvBnRelu(4, kernel: 3);
        return x.Linear(10).ToGraph().Quantize(spec);
    }

    static WeightQuantizer WeightsOf(Graph graph, string layer) => ((IWeighted)graph[layer]).WeightQuantizer!;

    [Fact]
    public void The_scale_of_weights_suits_their_bits()
    {
        LayerOverride[] widths = [.. Enumerable.Range(1, 8).Select(bits => new LayerOverride($"conv{bits + 1}", WeightBitWidth: bits))];
        Graph graph = Quantized(new() { Overrides = [.. widths] });
        Assert.Equal(
            ["mean_abs", "gaussian", "gaussian", "max_abs", "max_abs", "max_abs", "max_abs", "max_abs"],
            Enumerable.Range(1, 8).Select(bits => WeightsOf(graph, $"conv{bits + 1}").Scale.Name));
    }

    [Fact]
    public void A_quantizer_that_is_named_is_taken_at_1_bit_too() =>
        Assert.Equal(WeightScale.MaxAbs, WeightsOf(Quantized(new() { WeightBitWidth = 1, WeightScale = WeightScale.MaxAbs }), "conv2").Scale);

    [Fact]
    public void Brevitas_layers_take_the_mean_at_1_bit() =>
        Assert.Equal(WeightScale.MeanAbs, WeightsOf(Quantized(QuantizationSpec.Brevitas with { WeightBitWidth = 1 }), "conv2").Scale);

    [Fact]
    public void The_last_layer_has_one_scale_unless_asked_otherwise()
    {
        Assert.Equal((true, false), (WeightsOf(Quantized(new()), "conv10").PerChannel, WeightsOf(Quantized(new()), "linear1").PerChannel));
        Assert.True(WeightsOf(Quantized(new() { PerChannelLastWeights = true }), "linear1").PerChannel);
    }

    [Fact]
    public void Activations_are_learned_from_where_the_error_is_least_after_20_batches()
    {
        Assert.All(Quantized(new()).Nodes.OfType<Quantize>(), node => Assert.Equal((ActivationScale.LearnedStep, 20), (node.Quantizer.Scale, node.Quantizer.CollectStatisticsSteps)));
        Assert.All(Quantized(QuantizationSpec.Brevitas).Nodes.OfType<Quantize>(), node => Assert.Equal((ActivationScale.Learned, 300), (node.Quantizer.Scale, node.Quantizer.CollectStatisticsSteps)));
    }
}
