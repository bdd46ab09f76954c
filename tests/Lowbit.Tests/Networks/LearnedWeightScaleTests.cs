using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using Lowbit.Tests.Data;
using Lowbit.Tests.Training;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>What quantizers of weights learn is state of the network like any other: stored, counted, left out of weight decay, moved to and from Brevitas.</summary>
public class LearnedWeightScaleTests
{
    const string Scale = "conv1.weight_quantizer.threshold";

    public static TheoryData<string> Quantizers => [.. WeightScale.All.Select(scale => scale.Name)];

    [Fact]
    public void Its_name_in_a_checkpoint_is_the_layer_s_and_the_quantizer_s()
    {
        using var scope = NewDisposeScope();
        using Network learned = Of(WeightScale.Learned), statistic = Of(WeightScale.MaxAbs);

        Assert.Equal(["conv1.weight", Scale, "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"], learned.State.Select(entry => entry.Name).Where(name => !name.Contains("quant.") && !name.StartsWith("linear")));
        Assert.DoesNotContain(statistic.State, entry => entry.Name.Contains("weight_quantizer"));
    }

    [Theory, MemberData(nameof(Quantizers))]
    public void The_summary_counts_what_the_network_learns(string quantizer)
    {
        using var scope = NewDisposeScope();
        foreach (bool perChannel in new[] { false, true })
        {
            using Network network = Of(QuantizerNames.Weights[quantizer].Scale, perChannel);

            Assert.Equal(network.Parameters.Sum(entry => entry.Parameter.numel()), Summary.Of(network.Graph).Parameters);
        }
    }

    [Fact]
    public void It_is_learned_and_weight_decay_leaves_it_alone()
    {
        using var scope = NewDisposeScope();
        using Network network = Of(WeightScale.Learned);
        Assert.True(network.IsQuantizerParameter(Scale));
        Assert.False(network.IsQuantizerParameter("conv1.weight"));

        network.forward(rand(4, 1, 8, 8).mul(CachedScalar.Of(255))).sum().backward();

        Assert.All(network.Parameters.Where(entry => network.IsQuantizerParameter(entry.Name) && entry.Name.Contains("weight_quantizer")), entry =>
            Assert.True(entry.Parameter.grad!.abs().max().item<float>() > 0, entry.Name));
        foreach (var (_, parameter) in network.Parameters) parameter.grad = zeros_like(parameter);
        Tensor before = Of(network, Scale).detach().clone();
        using Optimizer optimizer = Optimizer.Create(network, new() { WeightDecay = 0.1, Momentum = 0 });
        optimizer.Step(1);
        Assert.Equal(0, Close.Difference(before, Of(network, Scale)));
    }

    [Fact]
    public void A_state_gives_the_same_network_again()
    {
        using var scope = NewDisposeScope();
        using Network trained = Of(WeightScale.Decoupled), fresh = Of(WeightScale.Decoupled);
        using (no_grad()) Of(trained, Scale).mul_(CachedScalar.Of(0.7));

        StateReport.Load(fresh, trained.State.ToDictionary(entry => entry.Name, entry => entry.Tensor)).RequireComplete("the state");

        Assert.Equal(0, Close.Difference(trained.WeightsOf("conv1").Value, fresh.WeightsOf("conv1").Value));
    }

    /// <summary>A float network's state, that of another quantizer's, and that of the same quantizer with one scale for the layer.</summary>
    [Theory, InlineData("float"), InlineData("max_abs"), InlineData("learned")]
    public void It_starts_from_the_weights_of_the_checkpoint_that_a_run_starts_from(string source)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using Network other = source == "float" ? new(Float()) : Of(QuantizerNames.Weights[source].Scale, perChannel: false), network = Of(WeightScale.Learned);
        Safetensors.Write(folder["model.safetensors"], other.State);
        using DatasetSplits data = Datasets.Open(new() { Name = "digits", ImageSize = 8, Augment = false, NumWorkers = 1 });
        Tensor weights = other.StateOf("conv1").First(entry => entry.Name == "weight").Tensor;

        PretrainedWeights.Load(network, folder["model.safetensors"], data, new() { Model = new() { Name = "quant_cnv" }, Quantization = new() { CollectStatsSteps = 1 } }, new SilentObserver());

        Close.Assert(weights.abs().flatten(1).max(1).values, Of(network, Scale), 1e-6, "the scale");
    }

    [Fact]
    public void It_stays_what_it_is_in_a_checkpoint_that_has_it()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using Network other = Of(WeightScale.LearnedMse), network = Of(WeightScale.Learned);
        using (no_grad()) Of(other, Scale).mul_(CachedScalar.Of(0.7));
        Safetensors.Write(folder["model.safetensors"], other.State);
        using DatasetSplits data = Datasets.Open(new() { Name = "digits", ImageSize = 8, Augment = false, NumWorkers = 1 });

        PretrainedWeights.Load(network, folder["model.safetensors"], data, new() { Model = new() { Name = "quant_cnv" } }, new SilentObserver());

        Assert.Equal(0, Close.Difference(Of(other, Scale), Of(network, Scale)));
    }

    [Fact]
    public void It_goes_out_under_Brevitas_s_name_and_comes_back()
    {
        using var scope = NewDisposeScope();
        using Network trained = Of(WeightScale.Learned), fresh = Of(WeightScale.Learned);
        using (no_grad()) Of(trained, Scale).mul_(CachedScalar.Of(0.7));
        var exported = BrevitasState.Export(trained).ToDictionary(entry => entry.Name, entry => entry.Tensor);

        BrevitasImport import = BrevitasState.Import(fresh, exported);

        Assert.Equal(4, exported["conv1.weight_quant.tensor_quant.scaling_impl.value"].numel());
        Assert.True(import.IsComplete);
        Assert.Empty(import.Unused);
        Assert.Equal(0, Close.Difference(Of(trained, Scale), Of(fresh, Scale)));
        Assert.Equal(exported.Keys, BrevitasState.Export(fresh, exported).Select(entry => entry.Name));
    }

    [Fact]
    public void It_starts_from_the_weights_of_a_Brevitas_state_whose_scales_are_statistics()
    {
        using var scope = NewDisposeScope();
        using Network statistic = Of(WeightScale.MaxAbs), learned = Of(WeightScale.Learned);

        BrevitasImport import = BrevitasState.Import(learned, BrevitasState.Export(statistic).ToDictionary(entry => entry.Name, entry => entry.Tensor));

        Assert.True(import.IsComplete);
        Close.Assert(statistic.WeightsOf("conv1").Value, learned.WeightsOf("conv1").Value, 1e-6, "the weights");
    }

    static Graph Float() => new GraphBuilder(new Shape(1, 8, 8)).Normalize([127.5], [127.5]).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(10).ToGraph();

    static Network Of(WeightScale scale, bool perChannel = true) =>
        new(Float().Quantize(new() { WeightScale = scale, PerChannelWeights = perChannel, FirstWeightBitWidth = 4, CollectStatisticsSteps = 1 }));

    static Tensor Of(Network network, string name) => network.State.First(entry => entry.Name == name).Tensor;
}
