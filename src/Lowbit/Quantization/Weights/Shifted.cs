using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = (max w - min w) / high,  z = clamp(round(-min(w, 0) / s), 0, high),  q = clamp(round(w / s + z), 0, high),  y = s (q - z).
/// dy/dw = 1 everywhere, dy/ds = q - z - w / s; the gradients of s and z go to the elements that are the extremes.
/// Brevitas: ShiftedUint8WeightPerTensorFloat, ShiftedUint8WeightPerChannelFloat.
/// </summary>
sealed class Shifted : WeightFormula
{
    public override string Name => "shifted";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("ShiftedUint8WeightPerTensorFloat", false), ("ShiftedUint8WeightPerChannelFloat", true)];

    public override bool HasZeroPoint => true;

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters)
    {
        Tensor low = WeightStatistics.Min(w, quantizer.PerChannel), spread = WeightStatistics.Max(w, quantizer.PerChannel) - low;
        Tensor scale = spread.clamp_min(CachedScalar.Of(WeightStatistics.Smallest)) / CachedScalar.Of(quantizer.Range.High);
        Tensor zeroPoint = StraightThrough.Round(-low.clamp_max(CachedScalar.Of(0)) / scale).clamp(CachedScalar.Of(0), CachedScalar.Of(quantizer.Range.High));
        return Rounded(w, scale, quantizer, zeroPoint);
    }
}
