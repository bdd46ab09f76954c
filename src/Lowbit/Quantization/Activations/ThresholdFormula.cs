using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// Quantizers whose scale is made of a threshold t: a percentile of |x| at first (99.999 by default), s = t / D, then learned. D is high for unsigned
/// values, -low for signed ones.
/// </summary>
public abstract class ThresholdFormula : ActivationFormula
{
    /// <inheritdoc/>
    public override IReadOnlyList<QuantizerParameter> Parameters => [new("threshold.value", "scaling_impl.value")];

    /// <summary>Whether the logarithm (base 2) of the threshold is learned, rather than the threshold.</summary>
    public virtual bool IsLogarithmic => false;

    /// <summary>The parameter that means a threshold.</summary>
    public Tensor ToParameter(Tensor threshold) => IsLogarithmic ? threshold.log2() : threshold;

    /// <summary>The threshold that a learned parameter means.</summary>
    public abstract Tensor ToThreshold(Tensor parameter);

    /// <summary>D.</summary>
    public virtual int Divisor(ActivationQuantizer quantizer) => quantizer.Signed ? -quantizer.Range.Low : quantizer.Range.High;

    /// <summary>Training batches whose statistics set the threshold before it is learned.</summary>
    public virtual int StatisticsSteps(ActivationQuantizer quantizer) => quantizer.CollectStatisticsSteps;

    /// <summary>What a learned threshold's gradient is multiplied by.</summary>
    /// <param name="quantizer">The quantizer.</param>
    /// <param name="values">Values that share the threshold, of one image.</param>
    public virtual double GradientScale(ActivationQuantizer quantizer, long values) => 1;

    /// <summary>The threshold that a batch asks for, while the statistics are collected.</summary>
    /// <param name="x">The batch, [N, C, ...].</param>
    /// <param name="quantizer">The quantizer.</param>
    public virtual Tensor Statistic(Tensor x, ActivationQuantizer quantizer) => Percentile.High(x.abs(), quantizer.Percentile, quantizer.PerChannel);

    /// <summary>The same of values that need not be in memory, and which of them it is; -1 where it is none, so that no gradient goes to any.</summary>
    internal virtual (float Magnitude, long Index) Statistic<T>(T magnitudes, ActivationQuantizer quantizer) where T : struct, IMagnitudes =>
        Percentile.HighMagnitude(magnitudes, quantizer.Percentile);

    /// <inheritdoc/>
    public override ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => new ThresholdActivations(quantizer, shape, this);
}
