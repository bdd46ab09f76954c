using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>Families of quantizers that belong together.</summary>
public enum QuantizationScheme
{
    /// <summary>Weights scaled by their own statistics, unsigned activations with learned scales, adds and pools in integers.</summary>
    [JsonStringEnumMemberName("learned")] LearnedScales,

    /// <summary>
    /// The BNN-PYNQ family: every scale a constant, all layers (the first and the last, too) of one weight bit width, activations signed
    /// within -1..1, a tensor norm after the last layer. Without adds and average pools. Umuroglu et al. 2017, "FINN: A Framework for Fast, Scalable Binarized Neural Network Inference".
    /// </summary>
    BnnPynq,
}

/// <summary>What becomes of a residual branch that can be negative, where it is added to another value.</summary>
public enum ResidualForm
{
    /// <summary>A ReLU is put after it where one follows the sum, so that all operands are unsigned: Brevitas's quantized ResNets.</summary>
    Relu,

    /// <summary>
    /// Its integers are signed, at the scale of the other operand, which stays unsigned where it cannot be negative: the quantized network computes the function
    /// of its float twin, and float weights can be taken over.
    /// </summary>
    Signed,
}

/// <summary>Other bit widths for the nodes whose names match a pattern.</summary>
/// <param name="Pattern">A node's name, in which * stands for any characters and ? for one.</param>
/// <param name="WeightBitWidth">Bits of the weights; null leaves them.</param>
/// <param name="ActivationBitWidth">Bits of the quantizer after the node; where several share a scale, the first one's name counts. Null leaves them.</param>
public sealed record LayerOverride(string Pattern, int? WeightBitWidth = null, int? ActivationBitWidth = null)
{
    /// <summary>Whether the pattern covers the node.</summary>
    public bool Matches(string name) => FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}

/// <summary>What to quantize, and how far: all that <see cref="QuantizePass"/> needs to know. What is left open suits the bit widths.</summary>
public sealed record QuantizationSpec
{
    /// <summary>Bits to which weights are taken as normally distributed when nobody says where their scale comes from; with more, none is clipped.</summary>
    const int MostGaussianBits = 3;

    /// <summary>Brevitas's layers, quantizers and residual blocks: what its state dicts fit, and what Lowbit 0.1 had.</summary>
    public static QuantizationSpec Brevitas { get; } = new()
    {
        Residual = ResidualForm.Relu,
        ResidualBitWidth = null,
        WeightScale = WeightScale.MaxAbs,
        BinaryWeightScale = WeightScale.MeanAbs,
        ActivationScale = ActivationScale.Learned,
        PerChannelLastWeights = true,
    };

    /// <summary>The family of quantizers.</summary>
    public QuantizationScheme Scheme { get; init; } = QuantizationScheme.LearnedScales;

    /// <summary>Bits of the images that come in.</summary>
    public int InputBitWidth { get; init; } = 8;

    /// <summary>Bits of the first layer's weights; not in the scheme <see cref="QuantizationScheme.BnnPynq"/>.</summary>
    public int FirstWeightBitWidth { get; init; } = 8;

    /// <summary>Bits of the weights between the first and the last layer.</summary>
    public int WeightBitWidth { get; init; } = 8;

    /// <summary>Bits of the last layer's weights; not in the scheme <see cref="QuantizationScheme.BnnPynq"/>.</summary>
    public int LastWeightBitWidth { get; init; } = 8;

    /// <summary>Bits of every activation that a layer takes.</summary>
    public int ActivationBitWidth { get; init; } = 8;

    /// <summary>What becomes of residual branches that can be negative.</summary>
    public ResidualForm Residual { get; init; } = ResidualForm.Signed;

    /// <summary>
    /// Bits of residual streams: of what is added up, and of the sums. Layers that take fewer bits take them from a quantizer of their own after it; the
    /// convolution of a shortcut, a pool and the last layer take the stream itself. Null for those of activations.
    /// </summary>
    public int? ResidualBitWidth { get; init; } = 8;

    /// <summary>Bits of a bias, at scale input scale x weight scale; null keeps it float.</summary>
    public int? BiasBitWidth { get; init; } = 32;

    /// <summary>
    /// Where the scale of weights comes from; null for what suits the bits: <see cref="WeightScale.MeanAbs"/> at 1, <see cref="WeightScale.Gaussian"/> at 2 and 3,
    /// <see cref="WeightScale.MaxAbs"/> from 4 on.
    /// </summary>
    public WeightScale? WeightScale { get; init; }

    /// <summary>Where the scale of weights of 1 bit comes from; null for <see cref="WeightScale"/>.</summary>
    public WeightScale? BinaryWeightScale { get; init; }

    /// <summary>One weight scale for each output channel.</summary>
    public bool PerChannelWeights { get; init; } = true;

    /// <summary>One weight scale for each output channel of the last layer, too; otherwise it has one, so that its integers can be compared across classes.</summary>
    public bool PerChannelLastWeights { get; init; }

    /// <summary>What is done to weights in front of a batch norm, which takes their size out again, before they are quantized.</summary>
    public WeightNormalization WeightNormalization { get; init; }

    /// <summary>Where the scale of activations comes from.</summary>
    public ActivationScale ActivationScale { get; init; } = ActivationScale.LearnedStep;

    /// <summary>Training batches whose statistics set the scale of an activation before it is learned; null for <see cref="ActivationScale.DefaultStatisticsSteps"/>.</summary>
    public int? CollectStatisticsSteps { get; init; }

    /// <summary>Which percentile of a batch's magnitudes is the statistic of a scale that starts from one; the images' quantizer keeps the default.</summary>
    public double ActivationPercentile { get; init; } = ActivationQuantizer.DefaultPercentile;

    /// <summary>Exceptions by name; the last that matches a node counts.</summary>
    public ImmutableArray<LayerOverride> Overrides { get; init; } = [];

    /// <summary>The quantizer of a layer's weights, when <paramref name="bitWidth"/> is what its place in the network asks for.</summary>
    /// <param name="name">The layer.</param>
    /// <param name="bitWidth">Bits that its place asks for.</param>
    /// <param name="isLast">Whether it is the last layer.</param>
    /// <param name="isNormalized">Whether a batch norm alone takes its values.</param>
    internal WeightQuantizer WeightsOf(string name, int bitWidth, bool isLast, bool isNormalized)
    {
        int bits = Overrides.LastOrDefault(o => o.WeightBitWidth is not null && o.Matches(name))?.WeightBitWidth ?? bitWidth;
        WeightScale scale = Scheme == QuantizationScheme.BnnPynq ? WeightScale.BnnPynq
            : (bits == 1 ? BinaryWeightScale : null) ?? WeightScale ?? Suited(bits);
        return new(bits, scale, PerChannelWeights && (!isLast || PerChannelLastWeights || Scheme == QuantizationScheme.BnnPynq))
        {
            Normalization = isNormalized && Scheme != QuantizationScheme.BnnPynq ? WeightNormalization : WeightNormalization.None,
        };
    }

    /// <summary>Bits of the activation that a layer takes from a value.</summary>
    internal int ActivationBitsOf(string name) =>
        Overrides.LastOrDefault(o => o.ActivationBitWidth is not null && o.Matches(name))?.ActivationBitWidth ?? ActivationBitWidth;

    /// <summary>The quantizer of a value.</summary>
    internal ActivationQuantizer Activation(int bits, bool signed) => Scheme == QuantizationScheme.BnnPynq
        ? new(bits, Signed: true, ActivationScale.Constant)
        : new ActivationQuantizer(bits, Signed: false, ActivationScale, PerChannel: false, StepsOf(ActivationScale), ActivationPercentile).WithSign(signed);

    /// <summary>The quantizer of the images.</summary>
    internal ActivationQuantizer Input => Scheme == QuantizationScheme.BnnPynq
        ? new(InputBitWidth, Signed: true, ActivationScale.FixedPointUnit)
        : new(InputBitWidth, Signed: true, ActivationScale.ForImages, PerChannel: false, StepsOf(ActivationScale.ForImages));

    int StepsOf(ActivationScale scale) => CollectStatisticsSteps ?? scale.DefaultStatisticsSteps;

    static WeightScale Suited(int bits) => bits == 1 ? WeightScale.MeanAbs : bits <= MostGaussianBits ? WeightScale.Gaussian : WeightScale.MaxAbs;
}
