using Lowbit.Graphs;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = 2^ceil(v) / D with v = log2 t learned and D = 2^b (unsigned) or 2^(b-1) (signed),  q = clamp(round(x / s), low, high),  y = s q.
/// Inside the range dy/dx = 1 and dy/ds = q - x / s, outside dy/dx = 0 and dy/ds = q; the gradient passes the ceiling.
/// Jain et al. 2019, "Trained Quantization Thresholds". Brevitas: Uint8ActPerTensorFixedPoint, Int8ActPerTensorFixedPoint.
/// </summary>
sealed class PowerOfTwo : ThresholdFormula
{
    public override string Name => "power_of_two";

    public override IReadOnlyList<string> BrevitasNames => ["Uint8ActPerTensorFixedPoint", "Int8ActPerTensorFixedPoint"];

    public override ActivationScale ForImages => this;

    public override int Divisor(ActivationQuantizer quantizer) => quantizer.Signed ? -quantizer.Range.Low : quantizer.Range.High + 1;

    public override bool IsLogarithmic => true;

    public override Tensor ToThreshold(Tensor parameter) => StraightThrough.Ceil(parameter).exp2();
}
