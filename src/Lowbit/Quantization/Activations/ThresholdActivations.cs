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
    readonly int thresholdDivisor;
    readonly double gradientScale;

    public ThresholdActivations(ActivationQuantizer quantizer, Shape shape, ThresholdFormula formula) : base(quantizer)
    {
        this.formula = formula;
        long[] one = quantizer.PerChannel ? shape.IsFlat ? [1, shape.Channels] : [1, shape.Channels, 1, 1] : [];
        threshold = new(one, formula.StatisticsSteps(quantizer), formula.ToParameter);
        thresholdDivisor = Divisor;
        gradientScale = formula.GradientScale(quantizer, shape.Elements / (quantizer.PerChannel ? shape.Channels : 1));
        RegisterComponents();
    }

    /// <summary>Other integers at the scale of <paramref name="owner"/>, whose threshold is such that its own integers reach up to it.</summary>
    ThresholdActivations(ActivationQuantizer quantizer, ThresholdActivations owner) : base(quantizer) =>
        (formula, threshold, thresholdDivisor, gradientScale) = (owner.formula, owner.threshold, owner.thresholdDivisor, owner.gradientScale);

    /// <inheritdoc/>
    private protected override ActivationQuantization Sharing(ActivationQuantizer quantizer) => new ThresholdActivations(quantizer, this);

    /// <inheritdoc/>
    private protected override IBatchThreshold? Collecting => threshold.IsCollecting ? this : null;

    /// <inheritdoc/>
    CollectedStatistic IBatchThreshold.Statistic => threshold;

    /// <inheritdoc/>
    int IBatchThreshold.Divisor => Divisor;

    /// <inheritdoc/>
    (float Magnitude, long Index) IBatchThreshold.Of<T>(T magnitudes) => formula.Statistic(magnitudes, Quantizer);

    /// <inheritdoc/>
    float IBatchThreshold.Collect(float magnitude)
    {
        using var scope = NewDisposeScope();
        Tensor statistic = tensor(Math.Max(magnitude, (float)Smallest));
        Collect(statistic);
        return (statistic / CachedScalar.Of(Divisor)).item<float>();
    }

    /// <inheritdoc/>
    internal override Tensor? Thresholds => formula.IsLogarithmic ? null : threshold.Value;

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => (formula.ToThreshold(Parameter) / CachedScalar.Of(thresholdDivisor), null);

    /// <summary>What is learned, its gradient scaled as the formula wants it.</summary>
    Tensor Parameter => gradientScale == 1 || !is_grad_enabled() ? threshold.Value : StraightThrough.ScaleGradient(threshold.Value, gradientScale);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x)
    {
        if (!threshold.IsCollecting) return EvaluationScale;
        Tensor statistic = formula.Statistic(x, Quantizer).clamp_min(CachedScalar.Of(Smallest));
        Collect(statistic);
        return (statistic / CachedScalar.Of(Divisor), null);
    }

    /// <summary>Takes a batch's statistic into the running mean: the threshold that gives the scale that it asks for.</summary>
    void Collect(Tensor statistic) => threshold.Collect(thresholdDivisor == Divisor ? statistic : statistic * CachedScalar.Of((double)thresholdDivisor / Divisor));

    int Divisor => formula.Divisor(Quantizer);
}
