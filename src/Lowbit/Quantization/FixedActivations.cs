using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>Activations of a scale and a zero point that are given: another network's, for evaluation.</summary>
sealed class FixedActivations : ActivationQuantization
{
    readonly Tensor scale;
    readonly Tensor? zero_point;

    /// <param name="quantizer">What it computes.</param>
    /// <param name="scale">One scale, or one for each channel in a shape that broadcasts.</param>
    /// <param name="zeroPoint">The integer that means 0; null for 0.</param>
    public FixedActivations(ActivationQuantizer quantizer, Tensor scale, Tensor? zeroPoint) : base(quantizer)
    {
        (this.scale, zero_point) = (scale, zeroPoint);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => (scale, zero_point);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x) => EvaluationScale;
}
