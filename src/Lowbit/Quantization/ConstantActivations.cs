using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Activations of a constant scale. <see cref="ActivationScale.Constant"/>: s = 1 / high, narrow, sign at 1 bit. Brevitas: BnnPynqCommonAct,
/// SignedBinaryActPerTensorConst, SignedTernaryActPerTensorConst. <see cref="ActivationScale.FixedPointUnit"/>: s = 2^(1 - bits).
/// </summary>
sealed class ConstantActivations(ActivationQuantizer quantizer) : ActivationQuantization(quantizer)
{
    /// <inheritdoc/>
    public override (Tensor Scale, Tensor? ZeroPoint) EvaluationScale =>
        (tensor(Quantizer.Scale == ActivationScale.Constant ? 1.0 / Quantizer.Range.High : Math.Pow(2, 1 - Quantizer.BitWidth), float64), null);

    /// <inheritdoc/>
    protected override (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x) => EvaluationScale;
}
