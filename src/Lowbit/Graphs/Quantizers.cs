namespace Lowbit.Graphs;

/// <summary>Where the scale of quantized weights comes from. Lowbit.Quantization has the formula of each.</summary>
public enum WeightScale
{
    /// <summary>max|w| / high, a differentiable statistic. Brevitas: Int8WeightPerTensorFloat, Int8WeightPerChannelFloat.</summary>
    MaxAbs,

    /// <summary>The same, rounded up to a power of two. Brevitas: Int8WeightPerTensorFixedPoint, Int8WeightPerChannelFixedPoint.</summary>
    PowerOfTwo,

    /// <summary>mean|w|: binary weights. Rastegari et al. 2016, "XNOR-Net", equation 6.</summary>
    MeanAbs,

    /// <summary>The constant 0.1 / high. Brevitas: SignedBinaryWeightPerTensorConst, SignedTernaryWeightPerTensorConst.</summary>
    Constant,

    /// <summary>The constant 1 / high; training keeps the stored weights within -1..1. Brevitas: BnnPynqCommonWeight.</summary>
    BnnPynq,

    /// <summary>(max w - min w) / high, unsigned with a zero point. Brevitas: ShiftedUint8WeightPerTensorFloat, ShiftedUint8WeightPerChannelFloat.</summary>
    Shifted,
}

/// <summary>How the weights of a layer are quantized.</summary>
/// <param name="BitWidth">1 (binary, -1 and +1 times the scale) to 8; 2 bits are ternary.</param>
/// <param name="Scale">Where the scale comes from.</param>
/// <param name="PerChannel">One scale for each output channel instead of one for the tensor; constants have one either way.</param>
public sealed record WeightQuantizer(int BitWidth, WeightScale Scale = WeightScale.MaxAbs, bool PerChannel = true)
{
    /// <summary>1 (binary, -1 and +1 times the scale) to 8; 2 bits are ternary.</summary>
    /// <exception cref="GraphException">It is set to anything else.</exception>
    public int BitWidth { get; init => field = IntegerRange.CheckedBitWidth(value); } = IntegerRange.CheckedBitWidth(BitWidth);

    /// <summary>The integers that such a weight takes: narrow (symmetric) unless shifted.</summary>
    public IntegerRange Range => Scale == WeightScale.Shifted ? IntegerRange.Unsigned(BitWidth) : IntegerRange.Signed(BitWidth, narrow: true);

    /// <summary>Whether all weights of the layer share one scale.</summary>
    public bool IsPerTensor => !PerChannel || Scale is WeightScale.Constant or WeightScale.BnnPynq;
}

/// <summary>Where the scale of a quantized activation comes from. Lowbit.Quantization has the formula of each.</summary>
public enum ActivationScale
{
    /// <summary>threshold / divisor; statistics first, then learned. Brevitas: Uint8ActPerTensorFloat, Int8ActPerTensorFloat.</summary>
    Learned,

    /// <summary>The same, with the logarithm (base 2) of the threshold learned. Brevitas: scaling with restrict_scaling_type LOG_FP; BnnPynqCommonActReLU.</summary>
    LearnedLog,

    /// <summary>Powers of two, their logarithm learned. Brevitas: Uint8ActPerTensorFixedPoint, Int8ActPerTensorFixedPoint.</summary>
    PowerOfTwo,

    /// <summary>Learned from 1 on, without statistics. Brevitas: Int8ActPerTensorFloatMinMaxInit for values of -1..1.</summary>
    LearnedFromOne,

    /// <summary>The constant 1 / high, narrow; sign at 1 bit. Brevitas: BnnPynqCommonAct, SignedBinaryActPerTensorConst, SignedTernaryActPerTensorConst.</summary>
    Constant,

    /// <summary>Unsigned with a zero point, both from percentiles, then learned. Brevitas: ShiftedUint8ActPerTensorFloat.</summary>
    Shifted,

    /// <summary>The constant 2^(1 - bits): -1 .. 1 - 2^(1 - bits) in steps of a power of two, as BNN-PYNQ's networks take their input.</summary>
    FixedPointUnit,
}

/// <summary>How the values between two layers are quantized.</summary>
/// <param name="BitWidth">1 to 8.</param>
/// <param name="Signed">Signed values; unsigned after ReLU.</param>
/// <param name="Scale">Where the scale comes from.</param>
/// <param name="PerChannel">One scale for each channel instead of one for the tensor.</param>
/// <param name="CollectStatisticsSteps">Training batches whose statistics set the threshold before it is learned.</param>
/// <param name="Percentile">Which percentile of a batch's magnitudes is its statistic, more than 0, at most 100.</param>
public sealed record ActivationQuantizer(
    int BitWidth,
    bool Signed = false,
    ActivationScale Scale = ActivationScale.Learned,
    bool PerChannel = false,
    int CollectStatisticsSteps = 300,
    double Percentile = ActivationQuantizer.DefaultPercentile)
{
    /// <summary>Nearly the largest magnitude, as Brevitas has it.</summary>
    public const double DefaultPercentile = 99.999;

    /// <summary>1 to 8.</summary>
    /// <exception cref="GraphException">It is set to anything else.</exception>
    public int BitWidth { get; init => field = IntegerRange.CheckedBitWidth(value); } = IntegerRange.CheckedBitWidth(BitWidth);

    /// <summary>Whether negative values are represented: by negative integers, or by those below a zero point.</summary>
    public bool TakesNegatives => Signed || Scale == ActivationScale.Shifted;

    /// <summary>The same quantizer for values that can be negative, or cannot; one with a zero point is unsigned for both.</summary>
    public ActivationQuantizer WithSign(bool signed) => this with { Signed = signed && Scale != ActivationScale.Shifted };

    /// <summary>The integers that such a value takes.</summary>
    public IntegerRange Range =>
        Signed ? IntegerRange.Signed(BitWidth, narrow: Scale == ActivationScale.Constant) : IntegerRange.Unsigned(BitWidth);
}
