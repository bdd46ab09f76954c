using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = t / high,  z = clamp(round(-min(low, 0) / s), 0, high),  q = clamp(round(x / s + z), 0, high),  y = s (q - z), where low is the 0.001 percentile of x
/// and t what lies between it and the 99.999 percentile, both collected at first, then learned.
/// Inside the range dy/dx = 1 and dy/ds = q - z - x / s, outside dy/dx = 0 and dy/ds = q - z.
/// Brevitas: ShiftedUint8ActPerTensorFloat.
/// </summary>
sealed class Shifted : ActivationFormula
{
    public override string Name => "shifted";

    public override IReadOnlyList<string> BrevitasNames => ["ShiftedUint8ActPerTensorFloat"];

    public override bool HasZeroPoint => true;

    public override IReadOnlyList<QuantizerParameter> Parameters => [new("threshold.value", "scaling_impl.value"), new("low.value", "zero_point_impl.value")];

    public override ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => new ShiftedActivations(quantizer);
}

/// <summary>The module of <see cref="Shifted"/>.</summary>
sealed class ShiftedActivations : ActivationQuantization
{
    const double Smallest = 1e-10;

    readonly CollectedStatistic threshold;
    readonly CollectedStatistic low;

    public ShiftedActivations(ActivationQuantizer quantizer) : base(quantizer)
    {
        threshold = new([], quantizer.CollectStatisticsSteps, statistic => statistic);
        low = new([], quantizer.CollectStatisticsSteps, statistic => statistic);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => Scale(threshold.Value, low.Value);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x)
    {
        if (!threshold.IsCollecting) return EvaluationScale;
        Tensor lowest = Percentile.Low(x), spread = Percentile.High(x) - lowest;
        threshold.Collect(spread);
        low.Collect(lowest);
        return Scale(spread, lowest);
    }

    (Tensor Scale, Tensor? ZeroPoint) Scale(Tensor spread, Tensor lowest)
    {
        Tensor scale = spread.abs().clamp_min(CachedScalar.Of(Smallest)) / CachedScalar.Of(Quantizer.Range.High);
        return (scale, StraightThrough.Round(-lowest.clamp_max(CachedScalar.Of(0)) / scale).clamp(CachedScalar.Of(0), CachedScalar.Of(Quantizer.Range.High)));
    }
}
