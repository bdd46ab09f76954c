using Lowbit.Graphs;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = 2^ceil(log2 max|w|) / 2^(b-1),  q = clamp(round(w / s), low, high),  y = s q.
/// dy/dw = 1 everywhere, dy/ds = q - w / s; the gradient passes the ceiling.
/// Brevitas: Int8WeightPerTensorFixedPoint, Int8WeightPerChannelFixedPoint.
/// </summary>
sealed class PowerOfTwo : WeightFormula
{
    public override string Name => "power_of_two";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("Int8WeightPerTensorFixedPoint", false), ("Int8WeightPerChannelFixedPoint", true)];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        Rounded(w, StraightThrough.Ceil(WeightStatistics.MaxAbs(w, quantizer.PerChannel).log2()).exp2() / CachedScalar.Of(1 << (quantizer.BitWidth - 1)), quantizer);
}
