using Lowbit.Graphs;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = 2^(1 - bits),  q = clamp(round(x / s), low, high),  y = s q: -1 .. 1 - 2^(1 - bits) in steps of a power of two, as BNN-PYNQ's networks take
/// their input.
/// dy/dx = 1 inside the range, 0 outside.
/// </summary>
sealed class FixedPointUnit : ActivationFormula
{
    public override string Name => "fixed_point_unit";

    public override bool IsForImagesOnly => true;

    public override ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => new ConstantActivations(quantizer, Math.Pow(2, 1 - quantizer.BitWidth));
}
