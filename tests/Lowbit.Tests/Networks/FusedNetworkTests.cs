using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Quantization.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

public class FusedNetworkTests
{
    const int Images = 128;

    const double ExplainedByRounding = 1e-4;   // of the values, that they are rounded the other way

    /// <summary>A stream of unsigned values and a branch of signed ones, at one scale, and the unsigned sum of both.</summary>
    const string SignedAndUnsigned = "norm, add of signed to unsigned";

    /// <summary>The value goes on beside a narrower one of it: as the difference of both.</summary>
    const string Narrowed = ", narrowed";

    /// <summary>Rows that a kernel computes as one, by what is in them.</summary>
    public static TheoryData<string, int, int, bool, bool> Rows =>
    [
        .. from row in new[] { "norm, relu", "norm", "norm, relu, add", "norm, add of signed", SignedAndUnsigned } from bits in new[] { 1, 2, 3, 4, 8 }
           where row != SignedAndUnsigned || bits > 1   // 1 bit is -1 or 1 where signed
           from channelsLast in new[] { false, true } from collects in new[] { false, true } select (row, bits, 16, channelsLast, collects),
        .. from row in new[] { "norm, relu" + Narrowed, "norm" + Narrowed, "norm, relu, add" + Narrowed } from bits in new[] { 2, 4, 8 } from collects in new[] { false, true } select (row, bits, 16, true, collects),
        .. from row in new[] { "norm, relu", "norm, relu, add" } from channels in new[] { 1, 10, 24, 96 } select (row, 4, channels, true, false),
    ];

    [Theory, MemberData(nameof(Rows))]
    public void A_fused_row_has_the_values_and_the_gradients_of_its_nodes_one_by_one(string row, int bits, int channels, bool channelsLast, bool collects)
    {
        using var scope = NewDisposeScope();
        // Of its own: tests that run beside it draw from torch's. Where the first of two quantizers rounds the other way (one value in 100,000), the sum may hide it, but its
        // threshold's gradient shows it: these draws have no such value.
        using var chance = new Generator((ulong)(100 + bits + channels));
        var (fused, reference) = TwinsOf(RowOf(row, bits, collects, channels), chance);
        foreach (int step in Enumerable.Range(1, 3))
        {
            Tensor images = Laid(randn([Images, channels, 7, 5], generator: chance).mul(CachedScalar.Of(2)).add(CachedScalar.Of(0.5), alpha: CachedScalar.Of(1)), channelsLast), dy = Laid(randn([Images, channels, 7, 5], generator: chance), channelsLast);
            Assert.True(FusedNormalize.Takes(images, images));
            Tensor x = images.clone().requires_grad_(), referenceX = images.to(float64).requires_grad_();

            Tensor y = fused.forward(x), expected = reference.forward(referenceX);
            Tensor same = Same(expected, y);   // where rounding falls the other way, because the norm is less precise, nothing can be compared
            (y * same * dy).sum().backward();
            (expected * same * dy).sum().backward();

            Close.Assert(referenceX.grad!, x.grad!, 1e-5, $"the input's gradient in step {step}");
            foreach (var (name, parameter) in reference.Parameters)
            {
                Tensor? gradient = fused.Parameters.Single(entry => entry.Name == name).Parameter.grad;
                Assert.Equal(parameter.grad is null, gradient is null);
                if (gradient is null) continue;
                if (parameter.dim() > 0) Close.Assert(parameter.grad!, gradient, 1e-5, $"the gradient of {name} in step {step}");
                // The terms of a threshold's gradient nearly cancel: the error is held against their size, not their sum's.
                else Assert.InRange((gradient - parameter.grad!).abs().item<double>() / dy.norm().item<float>(), 0, 1e-5);
            }
            foreach (var (name, tensor) in reference.State)
                Close.Assert(tensor, fused.State.Single(entry => entry.Name == name).Tensor, 1e-5, $"{name} after step {step}");
            foreach (Network network in new[] { fused, reference }) network.zero_grad();
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_fused_row_evaluates_to_the_values_of_its_nodes_one_by_one(string row, int bits, int channels, bool channelsLast, bool collects)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var chance = new Generator((ulong)(bits + channels));
        var (fused, reference) = TwinsOf(RowOf(row, bits, collects, channels), chance);
        foreach (bool training in new[] { true, false })   // the first for the statistics
        {
            fused.train(training);
            reference.train(training);
            Tensor images = Laid(randn([Images, channels, 7, 5], generator: chance).mul(CachedScalar.Of(2)).add(CachedScalar.Of(0.5), alpha: CachedScalar.Of(1)), channelsLast);
            Same(reference.forward(images.to(float64)), fused.forward(images));
        }
    }

    [Fact]
    public void While_statistics_are_collected_a_mean_in_integers_and_a_bias_pass_gradients_to_the_batch_through_its_scale()
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(3);
        List<Node> nodes = [.. RowOf("norm, relu", bits: 4, collects: true).Nodes];
        nodes.Add(new AveragePool("pool", "quant", 5, OutputBitWidth: 4));
        nodes.Add(new Flatten("flat", "pool"));
        nodes.Add(new Linear("logits", "flat", 10, WeightQuantizer: new WeightQuantizer(4), BiasBitWidth: 8));
        var graph = new Graph(nodes);
        Network fused = new(graph), reference = new(graph, useKernels: false);
        StateReport.Load(fused, reference.State.ToDictionary(entry => entry.Name, entry => entry.Tensor)).RequireComplete("the reference");
        reference.to(float64);
        Tensor images = Laid(randn([16, 16, 7, 5], generator: chance), channelsLast: true), dy = randn([16, 10], generator: chance);
        Tensor x = images.clone().requires_grad_(), referenceX = images.to(float64).requires_grad_();
        (fused.forward(x) * dy).sum().backward();
        (reference.forward(referenceX) * dy).sum().backward();
        Close.Assert(referenceX.grad!, x.grad!, 1e-5, "the input's gradient");
    }

    [Theory]
    [InlineData("quant_resnet20", 9)]
    [InlineData("quant_mobilenetv2", 10)]
    public void What_narrows_a_residual_stream_runs_with_the_stream(string model, int streams)
    {
        Graph graph = ModelZoo.Build(new(model, new Shape(3, 32, 32), 10), new() { WeightBitWidth = 2, ActivationBitWidth = 2 });
        using var network = new Network(graph);
        Step[] narrowing = [.. network.Steps.Where(step => step.Nodes.Any(node => graph.Nodes[node].Name.EndsWith(".narrow", StringComparison.Ordinal)))];
        Assert.Equal(streams, narrowing.Count(step => step.Nodes.Length == 2));
    }

    [Theory, InlineData("norm, relu"), InlineData("norm"), InlineData("norm, relu, add")]
    public void Calibration_sets_the_scales_of_a_fused_row_as_those_of_its_nodes_one_by_one(string row)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Graph graph = RowOf(row, bits: 4, collects: true);
        Network fused = new(graph), reference = new(graph, useKernels: false);
        Tensor[] images = [randn(8, 16, 7, 5).mul(CachedScalar.Of(2)).add(CachedScalar.Of(0.5), alpha: CachedScalar.Of(1)), randn(8, 16, 7, 5).mul(CachedScalar.Of(3))];
        foreach (Network network in new[] { fused, reference }) network.Calibrate(images);

        foreach (var (name, threshold) in reference.Parameters.Where(entry => reference.IsQuantizerParameter(entry.Name)))
        {
            Assert.NotEqual(1, threshold.item<float>());
            Close.Assert(threshold, fused.Parameters.Single(entry => entry.Name == name).Parameter, 1e-5, name);
        }
    }

    /// <summary>A network by kernels, and the same in plain operations of double precision: single precision would blur the scales' gradients, whose terms nearly cancel.</summary>
    static (Network Fused, Network Reference) TwinsOf(Graph graph, Generator chance)
    {
        Assert.Single(Fuse.Of(graph));
        Network fused = new(graph), reference = new(graph, useKernels: false);
        Vary(reference, chance);
        StateReport.Load(fused, reference.State.ToDictionary(entry => entry.Name, entry => entry.Tensor)).RequireComplete("the reference");
        reference.to(float64);
        return (fused, reference);
    }

    /// <summary>Which values are the same, after checking that they are as many as rounding explains.</summary>
    static Tensor Same(Tensor expected, Tensor y)
    {
        Tensor same = (y - expected).abs().lt(CachedScalar.Of(1e-4));
        Assert.InRange(1 - same.to(float64).mean().item<double>(), 0, ExplainedByRounding);
        return same;
    }

    /// <summary>
    /// A row; where it collects statistics, the add's other operand is not quantized, or the sum does not collect, nor what narrows it: among equal sums, any may be the one whose gradient the
    /// scale is.
    /// </summary>
    static Graph RowOf(string row, int bits, bool collects, int channels = 16)
    {
        var quantizer = new ActivationQuantizer(bits, Signed: !row.Contains("relu", StringComparison.Ordinal), CollectStatisticsSteps: collects ? 2 : 0, Percentile: bits < 4 ? 99 : ActivationQuantizer.DefaultPercentile);
        if (row == SignedAndUnsigned) return SignedBranch(quantizer, channels, collects);
        bool relu = row.Contains("relu", StringComparison.Ordinal);
        List<Node> nodes = [new Input("images", new Shape(channels, 7, 5))];
        string last = "images";
        if (row.Contains("add", StringComparison.Ordinal) && !collects) nodes.Add(new Quantize("other", "images", quantizer));
        nodes.Add(new BatchNorm("norm", last));
        if (relu) nodes.Add(new Relu("relu", "norm"));
        nodes.Add(new Quantize("quant", relu ? "relu" : "norm", quantizer, nodes.Any(node => node.Name == "other") ? "other" : null));
        if (row.Contains("add", StringComparison.Ordinal))
        {
            nodes.Add(new Add("add", "quant", collects ? "images" : "other"));
            if (relu) nodes.Add(new Relu("sum", "add"));
            nodes.Add(new Quantize("sum.quant", relu ? "sum" : "add", quantizer));
        }
        if (row.Contains(Narrowed, StringComparison.Ordinal))
        {
            string stream = nodes[^1].Name;
            nodes.Add(new Quantize("narrow.quant", stream, quantizer with { BitWidth = bits - 1, CollectStatisticsSteps = 0 }));
            nodes.Add(new LeakyRelu("narrow", "narrow.quant", 0.5));
            nodes.Add(new Add("both", stream, "narrow"));
        }
        return new(nodes);
    }

    static Graph SignedBranch(ActivationQuantizer signed, int channels, bool collects)
    {
        // Both quantizers take each batch into the one statistic: two batches are four of them.
        ActivationQuantizer branch = signed with { CollectStatisticsSteps = 2 * signed.CollectStatisticsSteps }, stream = branch with { Signed = false };
        return new(
        [
            new Input("images", new Shape(channels, 7, 5)),
            new Quantize("other", "images", stream),
            new BatchNorm("norm", "images"),
            new Quantize("quant", "norm", branch, "other"),
            new Add("add", "other", "quant"),
            new Relu("sum", "add"),
            collects ? new Quantize("sum.quant", "sum", stream with { CollectStatisticsSteps = 0 }) : new Quantize("sum.quant", "sum", stream, "other"),
        ]);
    }

    /// <summary>Parameters as a trained network has them: not 1 and 0.</summary>
    static void Vary(Network network, Generator chance)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in network.Parameters)
            parameter.copy_(name.Contains("quant", StringComparison.Ordinal) || name.Contains("other", StringComparison.Ordinal)
                ? parameter.mul(CachedScalar.Of(name.Contains("narrow", StringComparison.Ordinal) ? 1.9183 : 2.3))   // at a simple ratio to the stream's scale, some integers would lie halfway between two
                : parameter.add(randn(parameter.shape, generator: chance), CachedScalar.Of(0.3)));
    }

    static Tensor Laid(Tensor x, bool channelsLast) => channelsLast ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x;
}
