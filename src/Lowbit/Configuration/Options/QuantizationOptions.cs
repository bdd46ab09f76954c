using System.ComponentModel.DataAnnotations;
using Lowbit.Graphs;

namespace Lowbit.Configuration;

/// <summary>How far weights and activations are quantized; only for models whose name begins with <c>quant_</c>.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The name of the quantizer that suits the bit width.</summary>
    public const string Auto = "auto";

    /// <summary>The value of <see cref="ResidualBitWidth"/> that means <see cref="ActBitWidth"/>.</summary>
    internal const string AsActivations = "act";

    /// <summary>Which family of quantizers.</summary>
    public QuantizationScheme Scheme { get; init; } = QuantizationScheme.LearnedScales;

    /// <summary>Bits of the images that come in.</summary>
    [Range(1, 8)] public int InBitWidth { get; init; } = 8;

    /// <summary>Bits of the first layer's weights.</summary>
    [Range(1, 8)] public int InWeightBitWidth { get; init; } = 8;

    /// <summary>Bits of every weight but the first and last layer's: 1 is binary, 2 ternary.</summary>
    [Range(1, 8)] public int WeightBitWidth { get; init; } = 8;

    /// <summary>Bits of the last layer's weights.</summary>
    [Range(1, 8)] public int OutWeightBitWidth { get; init; } = 8;

    /// <summary>Bits of every activation.</summary>
    [Range(1, 8)] public int ActBitWidth { get; init; } = 8;

    /// <summary>Bits of biases, as multiples of input scale times weight scale; null leaves them float.</summary>
    [AllowedValues(null, 8, 16, 32)] public int? BiasBitWidth { get; init; } = 32;

    /// <summary>Where the scale of weights comes from; <c>auto</c> is what suits a layer's bits: mean_abs at 1, gaussian at 2 and 3, max_abs from 4 on.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public string WeightQuantizer { get; init; } = Auto;

    /// <summary>Where the scale of activations comes from; <c>auto</c> is learned_step.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public string ActQuantizer { get; init; } = Auto;

    /// <summary>One weight scale for each output channel instead of one for each layer.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public bool PerChannel { get; init; } = true;

    /// <summary>One weight scale for each output channel of the last layer, too; by default it has one, so that its sums can be compared across classes as integers.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public bool? OutPerChannel { get; init; }

    /// <summary>
    /// What is done to the weights of layers in front of a batch norm before they are quantized: none, or mean 0 and variance 1 in each layer or output channel. Exported files have the
    /// normalized weights; inference costs the same. Li et al. 2020, "Additive Powers-of-Two Quantization".
    /// </summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public WeightNormalization WeightNormalization { get; init; }

    /// <summary>What becomes of residual branches that can be negative; by default <c>signed</c>, so that the network computes what its float twin does.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales)] public ResidualForm? Residual { get; init; }

    /// <summary>
    /// Bits of residual streams, what is added up and the sums: 1 to 8, or <c>act</c> for those of activations; by default 8. Layers that take fewer bits get
    /// them from a quantizer of their own; the convolution of a shortcut, a pool and the last layer take the stream.
    /// </summary>
    [OnlyFor(QuantizationScheme.LearnedScales), AllowedValues(null, "act", "1", "2", "3", "4", "5", "6", "7", "8")] public string? ResidualBitWidth { get; init; }

    /// <summary>Training batches whose statistics set the scale of an activation before it is learned; by default 20 for learned_step and 300 for the others.</summary>
    [OnlyFor(QuantizationScheme.LearnedScales), Range(1, int.MaxValue)] public int? CollectStatsSteps { get; init; }

    /// <summary>
    /// Which percentile of an activation's magnitudes is the statistic that sets its scale; not with learned_step, which starts where the error is least. A lower one cuts the rarest values off and gives the others finer
    /// steps, which can pay at 4 bits and fewer.
    /// </summary>
    [OnlyFor(QuantizationScheme.LearnedScales), Range(50.0, 100.0)] public double ActPercentile { get; init; } = ActivationQuantizer.DefaultPercentile;

    /// <summary>Whether max_abs stands for mean_abs at 1 bit, as in Lowbit 0.1.</summary>
    internal bool MaxAbsIsMeanAbsAtOneBit { get; init; }

    /// <summary>Other bit widths for the layers whose names match a pattern: mixed precision. The last one that matches a layer counts.</summary>
    public IReadOnlyList<LayerOptions> Overrides { get; init; } = [];

    /// <summary>
    /// Trains the network in stages, the first float or of many bits, the last the network as configured; each starts from the best checkpoint of the one before
    /// it; [] is one stage, from scratch. By default [float, N] where the smallest width N is 1 or 2, there are six epochs at least, no <c>model.pretrained</c>, and a scheduler that is
    /// fitted to the epochs (cosine, one_cycle, none); otherwise [].
    /// </summary>
    public IReadOnlyList<StageOptions>? Stages { get; init; }
}

/// <summary>Other bit widths for the layers whose names match a pattern.</summary>
public sealed record LayerOptions
{
    /// <summary>Names of layers, as <c>lowbit models NAME</c> lists them; * stands for any characters, ? for one.</summary>
    public required string Layers { get; init; }

    /// <summary>Bits of their weights; by default as elsewhere.</summary>
    [Range(1, 8)] public int? WeightBitWidth { get; init; }

    /// <summary>Bits of their activations; by default as elsewhere.</summary>
    [Range(1, 8)] public int? ActBitWidth { get; init; }
}
