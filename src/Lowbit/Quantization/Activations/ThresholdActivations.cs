using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>The module of a <see cref="ThresholdFormula"/>: collects the threshold, then learns it.</summary>
sealed class ThresholdActivations : ActivationQuantization, IBatchThreshold
{
    const double Smallest = 1e-10;

    readonly ThresholdFormula formula;
    readonly CollectedStatistic threshold;

    public ThresholdActivations(ActivationQuantizer quantizer, Shape shape, ThresholdFormula formula) : base(quantizer)
    {
        this.formula = formula;
        long[] one = quantizer.PerChannel ? shape.IsFlat ? [1, shape.Channels] : [1, shape.Channels, 1, 1] : [];
        threshold = new(one, formula.StatisticsSteps(quantizer), formula.ToParameter);
        RegisterComponents();
    }

    /// <inheritdoc/>
    private protected override IBatchThreshold? Collecting => threshold.IsCollecting ? this : null;

    /// <inheritdoc/>
    int IBatchThreshold.Divisor => Divisor;

    /// <inheritdoc/>
    double IBatchThreshold.Percentile => Quantizer.Percentile;

    /// <inheritdoc/>
    float IBatchThreshold.Collect(float magnitude)
    {
        using var scope = NewDisposeScope();
        Tensor statistic = tensor(Math.Max(magnitude, (float)Smallest));
        threshold.Collect(statistic);
        return (statistic / Number.Of(Divisor)).item<float>();
    }

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => (formula.ToThreshold(threshold.Value) / Number.Of(Divisor), null);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x)
    {
        if (!threshold.IsCollecting) return EvaluationScale;
        Tensor statistic = Percentile.High(x.abs(), Quantizer.Percentile, Quantizer.PerChannel).clamp_min(Number.Of(Smallest));
        threshold.Collect(statistic);
        return (statistic / Number.Of(Divisor), null);
    }

    /// <inheritdoc/>
    private protected override QuantizedTensor? CollectAndQuantize(Tensor x)
    {
        if (!threshold.IsCollecting || Quantizer.PerChannel || !DenseMemory.IsDense(x)) return null;
        var (magnitude, element) = Percentile.HighMagnitude(x, Quantizer.Percentile);
        Tensor statistic = tensor(Math.Max(magnitude, (float)Smallest)), scale = statistic / Number.Of(Divisor);
        threshold.Collect(statistic);
        return new(FastQuantize.Quantize(x, scale, Quantizer.Range, magnitude > Smallest ? element : -1, Divisor), scale, null, Quantizer.BitWidth);
    }

    int Divisor => formula.Divisor(Quantizer);
}
