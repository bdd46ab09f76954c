using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using Lowbit.Quantization;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>Weights of mean 0 and variance 1 before they are quantized. Li et al. 2020, "Additive Powers-of-Two Quantization".</summary>
public class WeightNormalizationTests
{
    static readonly Graph Model = new GraphBuilder(new Shape(3, 8, 8)).ConvBnRelu(4, kernel: 3).ConvBnRelu(6, kernel: 3).GlobalAveragePool().Linear(3).ToGraph();

    static Network Create(WeightNormalization normalization, int bits = 4) =>
        new(Model.Quantize(new() { WeightBitWidth = bits, ActivationBitWidth = 4, CollectStatisticsSteps = 1, WeightNormalization = normalization }));

    [Theory]
    [InlineData(WeightNormalization.Layer), InlineData(WeightNormalization.Channel)]
    public void Weights_in_front_of_a_batch_norm_have_mean_0_and_variance_1_where_they_are_rounded(WeightNormalization normalization)
    {
        using var scope = NewDisposeScope();
        using Network network = Create(normalization);
        foreach (string layer in new[] { "conv1", "conv2" })
        {
            Tensor w = network.WeightsToRound(layer), rows = normalization == WeightNormalization.Channel ? w.flatten(1) : w.reshape(1, -1);
            Assert.InRange(rows.mean([1]).abs().max().item<float>(), 0, 1e-5);
            Close.Assert(ones(rows.size(0)), rows.var(1, unbiased: false), 1e-4, "the variance");
            Assert.InRange((w - network.WeightsOf(layer).Value).abs().max().item<float>() / network.WeightsOf(layer).Scale!.max().item<float>(), 0, 0.501);   // rounded from there
        }
        Assert.True(network.WeightsToRound("linear1").equal(network.StateOf("linear1").First().Tensor).all().item<bool>());
    }

    [Theory]
    [InlineData(WeightNormalization.Layer, "gaussian"), InlineData(WeightNormalization.Channel, "max_abs"), InlineData(WeightNormalization.Channel, "lsq")]
    public void The_gradient_is_that_of_the_formula(WeightNormalization normalization, string scale)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(5);
        Tensor values = randn([4, 3, 3, 3], generator: chance).mul(CachedScalar.Of(0.1)).add(CachedScalar.Of(0.05), alpha: CachedScalar.Of(1)), dy = randn([4, 3, 3, 3], generator: chance);
        Tensor w = values.clone().requires_grad_(), reference = values.clone().requires_grad_();
        var quantizer = new WeightQuantizer(3, QuantizerNames.Weights[scale].Scale);
        using var quantization = new WeightQuantization(quantizer with { Normalization = normalization }, w);

        quantization.forward(w).Value.backward([dy]);

        long[] others = normalization == WeightNormalization.Channel ? [1, 2, 3] : [0, 1, 2, 3];
        Tensor normalized = (reference - reference.mean(others, keepdim: true)) / reference.var(others, unbiased: false, keepdim: true).sqrt();
        using var plain = new WeightQuantization(quantizer, normalized);
        plain.forward(normalized).Value.backward([dy]);
        Close.Assert(reference.grad!, w.grad!, 1e-4, "the gradient");
    }

    [Fact]
    public void Weights_of_any_size_and_offset_are_quantized_alike()
    {
        using var scope = NewDisposeScope();
        Tensor w = randn(4, 3, 3, 3), moved = w.mul(CachedScalar.Of(0.01)).add(CachedScalar.Of(0.3), alpha: CachedScalar.Of(1));
        using var quantization = new WeightQuantization(new(4, WeightScale.MaxAbs) { Normalization = WeightNormalization.Layer }, w);
        Close.Assert(quantization.forward(w).Value, quantization.forward(moved).Value, 1e-3, "the weights");
    }

    [Fact]
    public void A_channel_of_one_weight_or_of_equal_ones_has_values_and_gradients()
    {
        using var scope = NewDisposeScope();
        foreach (Tensor w in new[] { ones(3, 1, 1, 1).requires_grad_(), ones(3, 2, 3, 3).requires_grad_() })
        {
            using var quantization = new WeightQuantization(new(4, WeightScale.MaxAbs) { Normalization = WeightNormalization.Channel }, w);
            Tensor value = quantization.forward(w).Value;
            value.sum().backward();
            Assert.True(value.isfinite().all().item<bool>() && w.grad!.isfinite().all().item<bool>());
            if (w.size(1) == 1) Close.Assert(w, value, 1e-6, "the only weight");
        }
    }

    [Fact]
    public void Brevitas_gets_weights_that_are_normalized_already()
    {
        using var scope = NewDisposeScope();
        using Network normalized = Create(WeightNormalization.Channel), plain = Create(WeightNormalization.None);
        BrevitasState.Import(plain, BrevitasState.Export(normalized).ToDictionary(entry => entry.Name, entry => entry.Tensor));
        Close.Assert(normalized.WeightsOf("conv2").Value, plain.WeightsOf("conv2").Value, 1e-5, "the quantized weights");
    }

    [Fact]
    public void A_graph_says_it_in_JSON_only_where_it_is_so()
    {
        using Network normalized = Create(WeightNormalization.Channel), plain = Create(WeightNormalization.None);
        string json = GraphJson.Write(normalized.Graph);
        Assert.Equal(2, json.Split("\"normalization\":\"channel\"").Length - 1);
        Assert.Equal(WeightNormalization.Channel, ((Conv)GraphJson.Read(json, "a graph")["conv2"]).WeightQuantizer!.Normalization);
        Assert.DoesNotContain("normalization\":\"", GraphJson.Write(plain.Graph));
    }
}
