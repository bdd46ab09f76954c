using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>Activations of a constant scale.</summary>
sealed class ConstantActivations(ActivationQuantizer quantizer, double scale) : ActivationQuantization(quantizer)
{
    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale => (tensor(scale, float64), null);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x) => EvaluationScale;
}
