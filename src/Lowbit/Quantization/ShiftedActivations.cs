using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Unsigned activations with a zero point: s = (p_high - p_low) / high, z = clamp(round(-min(p_low, 0) / s), 0, high), where p_high and p_low are the
/// 99.999 and 0.001 percentiles of x at first, then learned. Brevitas: ShiftedUint8ActPerTensorFloat.
/// </summary>
sealed class ShiftedActivations : ActivationQuantization
{
    const double Smallest = 1e-10;

    readonly CollectedStatistic high;
    readonly CollectedStatistic low;

    public ShiftedActivations(ActivationQuantizer quantizer) : base(quantizer)
    {
        high = new([], quantizer.CollectStatisticsSteps, statistic => statistic);
        low = new([], quantizer.CollectStatisticsSteps, statistic => statistic);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => Scale(high.Value, low.Value);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x)
    {
        if (!high.IsCollecting) return EvaluationScale;
        Tensor highest = Percentile.High(x), lowest = Percentile.Low(x);
        high.Collect(highest);
        low.Collect(lowest);
        return Scale(highest, lowest);
    }

    (Tensor Scale, Tensor? ZeroPoint) Scale(Tensor highest, Tensor lowest)
    {
        Tensor scale = (highest - lowest).abs().clamp_min(Smallest) / Quantizer.Range.High;
        return (scale, StraightThrough.Round(-lowest.clamp_max(0) / scale).clamp(0, Quantizer.Range.High));
    }
}
