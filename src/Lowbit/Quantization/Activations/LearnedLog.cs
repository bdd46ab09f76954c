using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = 2^v / D with v = log2 t learned,  q = clamp(round(x / s), low, high),  y = s q.
/// Inside the range dy/dx = 1 and dy/ds = q - x / s, outside dy/dx = 0 and dy/ds = q.
/// Jain et al. 2019, "Trained Quantization Thresholds". Brevitas: restrict_scaling_type LOG_FP, BnnPynqCommonActReLU.
/// </summary>
sealed class LearnedLog : ThresholdFormula
{
    public override string Name => "learned_log";

    public override IReadOnlyList<string> BrevitasNames => ["BnnPynqCommonActReLU"];

    public override bool IsLogarithmic => true;

    public override Tensor ToThreshold(Tensor parameter) => parameter.exp2();
}
