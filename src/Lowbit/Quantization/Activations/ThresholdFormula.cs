using Lowbit.Graphs;
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

    /// <inheritdoc/>
    public override ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => new ThresholdActivations(quantizer, shape, this);
}
