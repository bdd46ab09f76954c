using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Activations whose scale comes from a threshold t: a percentile of |x| at first (99.999 by default), s = t / D, then learned. With D = high (unsigned) or
/// -low (signed):
/// <list type="bullet">
/// <item><see cref="ActivationScale.Learned"/>: s = |t| / D. Brevitas: Uint8ActPerTensorFloat, Int8ActPerTensorFloat.</item>
/// <item><see cref="ActivationScale.LearnedLog"/>: s = 2^v / D, v = log2 t learned. Brevitas: LOG_FP, BnnPynqCommonActReLU.</item>
/// <item><see cref="ActivationScale.PowerOfTwo"/>: s = 2^ceil(v) / D with D = 2^b (unsigned) or 2^(b-1) (signed), v = log2 t learned. Brevitas: ...FixedPoint.</item>
/// <item><see cref="ActivationScale.LearnedFromOne"/>: s = |t| / D, t learned from 1. Brevitas: Int8ActPerTensorFloatMinMaxInit.</item>
/// </list>
/// Jain et al. 2019, "Trained Quantization Thresholds"; Esser et al. 2020, "Learned Step Size Quantization", equation 3.
/// </summary>
sealed class LearnedActivations : ActivationQuantization, IBatchThreshold
{
    const double Smallest = 1e-10;

    readonly CollectedStatistic threshold;
    readonly int thresholdDivisor;

    public LearnedActivations(ActivationQuantizer quantizer, Shape shape) : base(quantizer)
    {
        long[] one = quantizer.PerChannel ? shape.IsFlat ? [1, shape.Channels] : [1, shape.Channels, 1, 1] : [];
        threshold = new(one, quantizer.Scale == ActivationScale.LearnedFromOne ? 0 : quantizer.CollectStatisticsSteps, ToParameter);
        thresholdDivisor = Divisor;
        RegisterComponents();
    }

    /// <summary>Other integers at the scale of <paramref name="owner"/>, whose threshold is such that its own integers reach up to it.</summary>
    LearnedActivations(ActivationQuantizer quantizer, LearnedActivations owner) : base(quantizer) =>
        (threshold, thresholdDivisor) = (owner.threshold, owner.thresholdDivisor);

    /// <inheritdoc/>
    private protected override ActivationQuantization Sharing(ActivationQuantizer quantizer) => new LearnedActivations(quantizer, this);

    /// <inheritdoc/>
    private protected override IBatchThreshold? Collecting => threshold.IsCollecting ? this : null;

    /// <inheritdoc/>
    CollectedStatistic IBatchThreshold.Statistic => threshold;

    /// <inheritdoc/>
    int IBatchThreshold.Divisor => Divisor;

    /// <inheritdoc/>
    double IBatchThreshold.Percentile => Quantizer.Percentile;

    /// <inheritdoc/>
    float IBatchThreshold.Collect(float magnitude)
    {
        using var scope = NewDisposeScope();
        Tensor statistic = tensor(Math.Max(magnitude, (float)Smallest));
        Collect(statistic);
        return (statistic / Number.Of(Divisor)).item<float>();
    }

    bool IsLogarithmic => Quantizer.Scale is ActivationScale.LearnedLog or ActivationScale.PowerOfTwo;

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => (Scale(threshold.Value), null);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x)
    {
        if (!threshold.IsCollecting) return EvaluationScale;
        Tensor statistic = Percentile.High(x.abs(), Quantizer.Percentile, Quantizer.PerChannel).clamp_min(Number.Of(Smallest));
        Collect(statistic);
        return (statistic / Number.Of(Divisor), null);
    }

    /// <summary>Takes a batch's statistic into the running mean: the threshold that gives the scale that it asks for.</summary>
    void Collect(Tensor statistic) => threshold.Collect(thresholdDivisor == Divisor ? statistic : statistic * Number.Of((double)thresholdDivisor / Divisor));

    /// <summary>What of the threshold is learned.</summary>
    Tensor ToParameter(Tensor t) => IsLogarithmic ? t.log2() : t;

    Tensor Scale(Tensor parameter) => Quantizer.Scale switch
    {
        ActivationScale.LearnedLog => parameter.exp2() / Number.Of(thresholdDivisor),
        ActivationScale.PowerOfTwo => StraightThrough.Ceil(parameter).exp2() / Number.Of(thresholdDivisor),
        _ => parameter.abs() / Number.Of(thresholdDivisor),
    };

    int Divisor => Quantizer.Signed ? -Quantizer.Range.Low
        : Quantizer.Scale == ActivationScale.PowerOfTwo ? Quantizer.Range.High + 1
        : Quantizer.Range.High;
}
