using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>How the weights of a layer are quantized.</summary>
/// <param name="BitWidth">1 (binary, -1 and +1 times the scale) to 8; 2 bits are ternary.</param>
/// <param name="Scale">Where the scale comes from; null for <see cref="WeightScale.MaxAbs"/>.</param>
/// <param name="PerChannel">One scale for each output channel instead of one for the tensor; constants have one either way.</param>
public sealed record WeightQuantizer(int BitWidth, WeightScale? Scale = null, bool PerChannel = true)
{
    /// <summary>1 (binary, -1 and +1 times the scale) to 8; 2 bits are ternary.</summary>
    /// <exception cref="GraphException">It is set to anything else.</exception>
    public int BitWidth { get; init => field = IntegerRange.CheckedBitWidth(value); } = IntegerRange.CheckedBitWidth(BitWidth);

    /// <summary>Where the scale comes from.</summary>
    public WeightScale Scale { get; init; } = Scale ?? WeightScale.MaxAbs;

    /// <summary>What is done to weights before they are quantized.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public WeightNormalization Normalization { get; init; }

    /// <summary>The integers that such a weight takes.</summary>
    public IntegerRange Range => Scale.Range(BitWidth);

    /// <summary>Whether all weights of the layer share one scale.</summary>
    public bool IsPerTensor => !PerChannel || Scale.IsConstant;

    /// <summary>Values that are learned beside the weights of a layer of so many output channels.</summary>
    public int ParameterCount(int channels) => Scale.Parameters.Count * (IsPerTensor ? 1 : channels);
}

/// <summary>How the values between two layers are quantized.</summary>
/// <param name="BitWidth">1 to 8.</param>
/// <param name="Signed">Signed values; unsigned after ReLU.</param>
/// <param name="Scale">Where the scale comes from; null for <see cref="ActivationScale.Learned"/>.</param>
/// <param name="PerChannel">One scale for each channel instead of one for the tensor.</param>
/// <param name="CollectStatisticsSteps">Training batches whose statistics set the threshold before it is learned.</param>
/// <param name="Percentile">Which percentile of a batch's magnitudes is its statistic, more than 0, at most 100.</param>
public sealed record ActivationQuantizer(
    int BitWidth,
    bool Signed = false,
    ActivationScale? Scale = null,
    bool PerChannel = false,
    int CollectStatisticsSteps = 300,
    double Percentile = ActivationQuantizer.DefaultPercentile)
{
    /// <summary>Nearly the largest magnitude, as Brevitas has it.</summary>
    public const double DefaultPercentile = 99.999;

    /// <summary>1 to 8.</summary>
    /// <exception cref="GraphException">It is set to anything else.</exception>
    public int BitWidth { get; init => field = IntegerRange.CheckedBitWidth(value); } = IntegerRange.CheckedBitWidth(BitWidth);

    /// <summary>Training batches whose statistics set the threshold before it is learned.</summary>
    /// <exception cref="GraphException">It is set to less than 0.</exception>
    public int CollectStatisticsSteps { get; init => field = CheckedSteps(value); } = CheckedSteps(CollectStatisticsSteps);

    /// <summary>Which percentile of a batch's magnitudes is its statistic.</summary>
    /// <exception cref="GraphException">It is not more than 0, or more than 100.</exception>
    public double Percentile { get; init => field = CheckedPercentile(value); } = CheckedPercentile(Percentile);

    /// <summary>Where the scale comes from.</summary>
    public ActivationScale Scale { get; init; } = Scale ?? ActivationScale.Learned;

    /// <summary>Whether negative values are represented: by negative integers, or by those below a zero point.</summary>
    public bool TakesNegatives => Signed || Scale.HasZeroPoint;

    /// <summary>The same quantizer for values that can be negative, or cannot; one with a zero point is unsigned for both.</summary>
    public ActivationQuantizer WithSign(bool signed) => this with { Signed = signed && !Scale.HasZeroPoint };

    /// <summary>The integers that such a value takes.</summary>
    public IntegerRange Range => Scale.Range(BitWidth, Signed);

    /// <summary>Values that are learned for a value of so many channels.</summary>
    public int ParameterCount(int channels) => Scale.Parameters.Count * (PerChannel ? channels : 1);

    static int CheckedSteps(int steps) => steps >= 0 ? steps : throw new GraphException($"Statistics of {steps} batches are not possible; it is 0 or more");

    static double CheckedPercentile(double percentile) => percentile is > 0 and <= 100
        ? percentile
        : throw new GraphException($"A percentile of {percentile} is not possible; it is more than 0, at most 100");
}
