using Lowbit.Configuration;
using Lowbit.Data;
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
        Dictionary<string, double> changes = ChangesOf(weights: 4, activations: 4);

        Assert.All(changes, change => Assert.Equal(1, change.Value));
    }

    [Fact]
    public void Other_widths_of_activations_are_calibrated_anew_and_scales_of_weights_and_images_stay()
    {
        Dictionary<string, double> changes = ChangesOf(weights: 4, activations: 3);

        Assert.All(changes.Where(change => IsActivationScale(change.Key)), change => Assert.InRange(change.Value, 0.0001, 0.01));
        Assert.All(changes.Where(change => IsWeightScale(change.Key) || change.Key.StartsWith("input.quant.", StringComparison.Ordinal)), change => Assert.Equal(1, change.Value));
    }

    [Fact]
    public void Scales_of_weights_of_another_width_start_from_the_weights_and_those_of_activations_stay()
    {
        Dictionary<string, double> changes = ChangesOf(weights: 3, activations: 4);

        Assert.All(changes.Where(change => IsActivationScale(change.Key)), change => Assert.Equal(1, change.Value));
        Assert.All(changes.Where(change => IsWeightScale(change.Key) && !IsOfEightBits(change.Key)), change => Assert.InRange(change.Value, 0.4, 0.6));
        Assert.All(changes.Where(change => IsWeightScale(change.Key) && IsOfEightBits(change.Key)), change => Assert.Equal(1, change.Value));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    public void Batch_norms_are_estimated_anew_where_widths_differ_and_weights_stay(int weights, int activations)
    {
        Dictionary<string, double> changes = ChangesOf(weights, activations);

        Assert.All(changes.Where(change => change.Key.EndsWith(".running_var", StringComparison.Ordinal)), change => Assert.NotEqual(1, change.Value));
        Assert.All(changes.Where(change => change.Key.EndsWith(".weight", StringComparison.Ordinal)), change => Assert.Equal(1, change.Value));
    }

    static bool IsWeightScale(string name) => name.Contains(".weight_quantizer.", StringComparison.Ordinal);

    static bool IsActivationScale(string name) => name.EndsWith(".value", StringComparison.Ordinal) && !IsWeightScale(name) && !name.StartsWith("input.quant.", StringComparison.Ordinal);

    /// <summary>The first and the last layer.</summary>
    static bool IsOfEightBits(string name) => name.StartsWith("conv1.", StringComparison.Ordinal) || name.StartsWith("linear1.", StringComparison.Ordinal);

    /// <summary>How large each tensor of the network that starts from the checkpoint is in proportion to what the checkpoint has.</summary>
    Dictionary<string, double> ChangesOf(int weights, int activations)
    {
        using var scope = NewDisposeScope();
        RunConfiguration configuration = FourBits.Configuration(checkpoint.Folder.Path);
        configuration = configuration with { Quantization = configuration.Quantization with { WeightBitWidth = weights, ActBitWidth = activations } };
        using DatasetSplits data = Datasets.Open(configuration.Dataset);
        using var network = new Network(ConfiguredModel.Build(configuration, data.Info));
        PretrainedWeights.Load(network, checkpoint.Path, data, configuration, new SilentObserver());
        using Safetensors before = Safetensors.Read(checkpoint.Path);
        return network.State.ToDictionary(entry => entry.Name, entry => entry.Tensor.eq(before.Tensors[entry.Name]).all().item<bool>() ? 1 : SizeOf(entry.Tensor) / SizeOf(before.Tensors[entry.Name]));
    }

    static double SizeOf(Tensor tensor) => tensor.abs().sum().item<float>();

    /// <summary>A checkpoint of a short training at four bits.</summary>
    public sealed class FourBits : IDisposable
    {
        public FourBits() => Path = SmallRun.Changed(
            TrainingRun.Run(Configuration(Folder.Path), new SilentObserver(), CancellationToken.None).Folder!.Latest,
            tensors =>
            {
                foreach (string name in tensors.Keys.Where(name => !name.StartsWith("optimizer/", StringComparison.Ordinal) && (IsActivationScale(name) || IsWeightScale(name))))
                    tensors[name] = tensors[name] * (IsWeightScale(name) ? 2 : 1000);
            });

        internal TemporaryFolder Folder { get; } = new();

        public string Path { get; }

        public void Dispose() => Folder.Dispose();

        internal static RunConfiguration Configuration(string folder)
        {
            RunConfiguration small = SmallRun.Configuration(folder);
            return small with { Quantization = small.Quantization with { WeightQuantizer = "learned" }, Dataset = small.Dataset with { Limit = 64 } };
        }
    }
}
