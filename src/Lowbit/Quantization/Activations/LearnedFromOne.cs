using Lowbit.Graphs;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = |t| / D with t learned from 1 on, without statistics,  q = clamp(round(x / s), low, high),  y = s q.
/// Inside the range dy/dx = 1 and dy/ds = q - x / s, outside dy/dx = 0 and dy/ds = q.
/// Brevitas: Int8ActPerTensorFloatMinMaxInit for values of -1..1.
/// </summary>
sealed class LearnedFromOne : ThresholdFormula
{
    public override string Name => "learned_from_one";

    public override IReadOnlyList<string> BrevitasNames => ["Int8ActPerTensorFloatMinMaxInit"];

    public override int StatisticsSteps(ActivationQuantizer quantizer) => 0;

    public override Tensor ToThreshold(Tensor parameter) => parameter.abs();
}
