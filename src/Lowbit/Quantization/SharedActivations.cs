using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>Activations at the scale of another quantizer, which follows no statistics: signed integers beside unsigned ones that they are added to.</summary>
sealed class SharedActivations(ActivationQuantizer quantizer, ActivationQuantization owner) : ActivationQuantization(quantizer)
{
    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => owner.EvaluationScale;

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x) => EvaluationScale;
}
