using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = |t| / D,  q = clamp(round(x / s), low, high),  y = s q; t follows the batches' percentile at first, then is learned.
/// Inside the range dy/dx = 1 and dy/ds = q - x / s, outside dy/dx = 0 and dy/ds = q.
/// Esser et al. 2020, "Learned Step Size Quantization", equation 3. Brevitas: Uint8ActPerTensorFloat, Int8ActPerTensorFloat.
/// </summary>
sealed class Learned : ThresholdFormula
{
    public override string Name => "learned";

    public override IReadOnlyList<string> BrevitasNames => ["Uint8ActPerTensorFloat", "Int8ActPerTensorFloat"];

    public override Tensor ToThreshold(Tensor parameter) => parameter.abs();
}
