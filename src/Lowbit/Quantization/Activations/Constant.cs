using Lowbit.Graphs;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = 1 / high,  q = clamp(round(x / s), low, high), narrow; the sign of x at 1 bit,  y = s q.
/// dy/dx = 1 inside the range, 0 outside.
/// Brevitas: BnnPynqCommonAct, SignedBinaryActPerTensorConst, SignedTernaryActPerTensorConst.
/// </summary>
sealed class Constant : ActivationFormula
{
    public override string Name => "constant";

    public override IReadOnlyList<string> BrevitasNames => ["SignedBinaryActPerTensorConst", "SignedTernaryActPerTensorConst", "BnnPynqCommonAct"];

    public override bool IsNarrow => true;

    public override ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => new ConstantActivations(quantizer, 1.0 / quantizer.Range.High);
}
