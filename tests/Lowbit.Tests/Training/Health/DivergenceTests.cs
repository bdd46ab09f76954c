using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Lowbit.Training.Health;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training.Health;

/// <summary>A run whose loss is no longer a number says where that began, with which settings, and what to change.</summary>
public sealed class DivergenceTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("quant_resnet20", @"There, \S+ has weights of \d bits \([^)]+\), \S+ has activations of \d bits \(\w+\), and the learning rate is \S+e\+\d+\.")]
    [InlineData("resnet20", @"The learning rate is \S+e\+\d+\.")]
    public void A_rate_far_above_the_default_is_what_to_change(string model, string settings)
    {
        string message = Message(SmallRun.Configuration(folder.Path, model) with { Optimizer = new() { LearningRate = 1e20 } });

        Assert.Matches($"^The loss is no longer a number at batch \\d: .* {settings} Lower optimizer.learning_rate: the default of sgd is 0.1.$", message);
    }

    [Fact]
    public void The_batch_is_the_first_whose_loss_is_no_number()
    {
        string checkpoint = SmallRun.Checkpoint(folder.Path);
        string spoiled = SmallRun.Changed(checkpoint, tensors => tensors["linear1.weight"] = full_like(tensors["linear1.weight"], CachedScalar.Of(3e38)));
        RunConfiguration configuration = SmallRun.Configuration(folder.Path);

        string message = Message(configuration with { Model = configuration.Model with { Pretrained = spoiled } });

        Assert.StartsWith("The loss is no longer a number at batch 1: ", message);
        Assert.EndsWith($"The run had only just started from {spoiled}: start from another checkpoint, or with a lower optimizer.learning_rate.", message);
    }

    [Fact]
    public void At_usual_rates_it_is_warm_up_clipping_bits_of_the_layer_and_a_start_from_float()
    {
        using Network network = Small(2, 2);
        Fill(network, "conv2.weight", 3e38f);

        Assert.Equal(
            "first in the network, the value of conv2 (conv) is Infinity at [0, 0, 0, 0], from inputs and parameters that are numbers."
            + " There, conv2 has weights of 2 bits (max_abs, a scale for each channel), quant1 has activations of 2 bits (learned), and the learning rate is 0.1."
            + " What can help: a smaller optimizer.clip_norm; more bits in quantization.overrides, { layers: conv2, weight_bit_width: 4 };"
            + " starting from float weights (model.pretrained, or quantization.stages); a lower optimizer.learning_rate.",
            Of(network, 0.1));
    }

    [Fact]
    public void What_is_done_already_is_not_advised()
    {
        using Network network = new(new GraphBuilder(new Shape(1, 8, 8)).Conv(4, kernel: 3).Flatten().Linear(3).ToGraph());
        Fill(network, "conv1.weight", float.NaN);

        string message = Of(network, 0.1, new() { Scheduler = new() { WarmupEpochs = 2 } });

        Assert.EndsWith("The learning rate is 0.1. What can help: a smaller optimizer.clip_norm; a lower optimizer.learning_rate.", message);
    }

    [Fact]
    public void The_gradient_that_was_not_finite_first_is_named_with_its_layer()
    {
        using Network network = Small(2, 8);
        foreach (var (name, parameter) in network.Parameters) parameter.grad = full_like(parameter, CachedScalar.Of(name.StartsWith("conv", StringComparison.Ordinal) ? double.NaN : 1));
        Fill(network, "conv1.weight", float.NaN);

        string message = Of(network, 0.1);

        Assert.StartsWith("the gradient of conv2.weight was not finite in the step before, the first on the way back from the loss (2 of 7 were not), and now, first in the network, the value of conv1 (conv) is NaN at [0, 0, 0, 0], because conv1.weight is NaN at [0, 0, 0, 0]. There, conv2 has", message);
    }

    [Fact]
    public void Gradients_of_which_none_is_finite_tell_no_layer()
    {
        using Network network = Small(2, 2);
        foreach (var (_, parameter) in network.Parameters) parameter.grad = full_like(parameter, CachedScalar.Of(double.NaN));
        Fill(network, "conv1.weight", float.NaN);

        Assert.StartsWith("first in the network, the value of conv1 (conv) is NaN", Of(network, 0.1));
    }

    [Fact]
    public void Where_all_values_are_numbers_the_node_at_which_images_become_equal_is_named()
    {
        using Network network = Small(8, 4);
        Fill(network, "quant1.threshold.value", 1e30f);

        string message = Of(network, 0.1);

        Assert.StartsWith("each node gives numbers for these images, and the value of quant1 (quantize) is the same for each of 4 images, 0, because its scale is 6.67e+28 and the largest value that it takes ", message);
        Assert.Contains("What can help: a lower quantization.act_percentile; more bits in quantization.overrides, { layers: quant1, act_bit_width: 8 };", message);
    }

    [Theory]
    [InlineData(true, " cannot be used: conv1.weight is NaN at [0, 0, 0, 0], which is not a finite number; take another checkpoint, from before its training went wrong")]
    [InlineData(false, " cannot be used: conv1.weight is NaN at [0, 0, 0, 0], which is not a finite number; give another checkpoint, from before its training went wrong")]
    public void Weights_that_are_no_numbers_in_a_checkpoint_are_refused_when_it_is_read(bool resumed, string refusal)
    {
        string checkpoint = SmallRun.Checkpoint(folder.Path);
        string spoiled = SmallRun.Changed(checkpoint, tensors =>
        {
            Tensor weight = tensors["conv1.weight"].clone();
            weight[0][0][0][0].fill_(CachedScalar.Of(double.NaN));
            tensors["conv1.weight"] = weight;
        });
        RunConfiguration configuration = SmallRun.Configuration(folder.Path);

        string message = Message(resumed
            ? configuration with { Checkpoint = configuration.Checkpoint with { Resume = spoiled } }
            : configuration with { Model = configuration.Model with { Pretrained = spoiled } });

        Assert.EndsWith(spoiled + refusal, message);
    }

    static string Message(RunConfiguration configuration) =>
        Assert.Throws<LowbitException>(() => TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None)).Message;

    static string Of(Network network, double rate, RunOptions? options = null) =>
        new Divergence(network, new Advice(network.Graph, options ?? new()), startedFrom: null).Of(randint(1, 256, [4, 1, 8, 8], dtype: uint8), rate, isStart: true);

    static Network Small(int weightBits, int activationBits) => new(new GraphBuilder(new Shape(1, 8, 8))
        .Conv(4, kernel: 3, weights: new(weightBits)).BatchNorm().Relu().Quantize(new ActivationQuantizer(activationBits, CollectStatisticsSteps: 0))
        .Conv(4, kernel: 3, weights: new(weightBits)).Relu().GlobalAveragePool().Flatten().Linear(3).ToGraph());

    static void Fill(Network network, string name, float value)
    {
        using var _ = no_grad();
        network.State.First(entry => entry.Name == name).Tensor.fill_(CachedScalar.Of(value));
    }
}
