using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>What a network takes over of a checkpoint that quantizes with other bit widths. Scales of the checkpoint are larger than training left them, those of activations 1000 times and those of weights twice, so that it is seen where they are.</summary>
public sealed class OtherBitWidthsTests(OtherBitWidthsTests.FourBits checkpoint) : IClassFixture<OtherBitWidthsTests.FourBits>
{
    [Fact]
    public void With_its_own_bit_widths_it_takes_everything_over()
    {
        Assert.All(ChangesOf(weights: 4, activations: 4), change => Assert.Equal(1, change.Size));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Other_widths_of_activations_are_calibrated_anew_and_scales_of_weights_and_images_stay()
    {
        Change[] changes = ChangesOf(weights: 4, activations: 3);

        Assert.All(changes.Where(change => IsActivationScale(change.Name) && change.Bits == 3), change => Assert.InRange(change.Size, 0.0001, 0.01));
        Assert.All(changes.Where(change => change.Bits is 4 or 8), change => Assert.Equal(1, change.Size));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Scales_of_weights_of_another_width_start_from_the_weights_and_those_of_activations_stay()
    {
        Change[] changes = ChangesOf(weights: 3, activations: 4);

        Assert.All(changes.Where(change => IsWeightScale(change.Name) && change.Bits == 3), change => Assert.InRange(change.Size, 0.4, 0.6));
        Assert.All(changes.Where(change => change.Bits is 4 or 8), change => Assert.Equal(1, change.Size));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Batch_norms_are_estimated_anew_where_only_weights_have_other_widths_and_weights_stay()
    {
        Change[] changes = ChangesOf(weights: 3, activations: 4);

        Assert.All(changes.Where(change => change.Name.EndsWith(".running_var", StringComparison.Ordinal)), change => Assert.NotEqual(1, change.Size));
        Assert.All(changes.Where(change => change.Name.EndsWith(".weight", StringComparison.Ordinal)), change => Assert.Equal(1, change.Size));
    }

    static bool IsWeightScale(string name) => name.Contains(".weight_quantizer.", StringComparison.Ordinal);

    static bool IsActivationScale(string name) => name.EndsWith(".value", StringComparison.Ordinal) && !IsWeightScale(name) && !name.StartsWith("input.quant.", StringComparison.Ordinal);

    /// <summary>What has become of each tensor of the network that starts from the checkpoint.</summary>
    Change[] ChangesOf(int weights, int activations)
    {
        using var scope = NewDisposeScope();
        RunConfiguration configuration = FourBits.Configuration(checkpoint.Folder.Path);
        configuration = configuration with { Quantization = configuration.Quantization with { WeightBitWidth = weights, ActBitWidth = activations } };
        using DatasetSplits data = Datasets.Open(configuration.Dataset);
        using var network = new Network(ConfiguredModel.Build(configuration, data.Info));
        PretrainedWeights.Load(network, checkpoint.Path, data, configuration, new SilentObserver());
        using Safetensors before = Safetensors.Read(checkpoint.Path);
        return [.. network.State.Select(entry => new Change(entry.Name, BitsOf(network.Graph, entry.Name), Proportion(entry.Tensor, before.Tensors[entry.Name])))];
    }

    static int? BitsOf(Graph graph, string name) => graph.Nodes.First(node => name.StartsWith(node.Name + ".", StringComparison.Ordinal)) switch
    {
        Quantize quantize => quantize.Quantizer.BitWidth,
        IWeighted { WeightQuantizer: { } quantizer } when IsWeightScale(name) => quantizer.BitWidth,
        _ => null,
    };

    static double Proportion(Tensor after, Tensor before) => after.eq(before).all().item<bool>() ? 1 : after.abs().sum().item<float>() / before.abs().sum().item<float>();

    /// <param name="Name">The tensor.</param>
    /// <param name="Bits">The width of the quantizer that it belongs to; null for other tensors.</param>
    /// <param name="Size">How large it is in proportion to what the checkpoint has; 1 only if it is the same.</param>
    sealed record Change(string Name, int? Bits, double Size);

    /// <summary>A checkpoint of a short training at four bits.</summary>
    public sealed class FourBits : IDisposable
    {
        public FourBits() => Path = SmallRun.Changed(
            TrainingRun.Run(Configuration(Folder.Path), new SilentObserver(), CancellationToken.None).Folder!.Latest,
            tensors =>
            {
                foreach (string name in tensors.Keys.Where(name => !name.StartsWith("optimizer/", StringComparison.Ordinal) && (IsActivationScale(name) || IsWeightScale(name))))
                    tensors[name] = tensors[name].mul(CachedScalar.Of(IsWeightScale(name) ? 2.0 : 1000));
            });

        internal TemporaryFolder Folder { get; } = new();

        public string Path { get; }

        public void Dispose() => Folder.Dispose();

        internal static RunConfiguration Configuration(string folder)
        {
            RunConfiguration small = SmallRun.Configuration(folder);
            return small with { Quantization = small.Quantization with { WeightQuantizer = "learned", ActQuantizer = "learned" }, Dataset = small.Dataset with { Limit = 64 } };
        }
    }
}
