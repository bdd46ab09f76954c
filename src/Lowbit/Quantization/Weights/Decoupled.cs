using Lowbit.Graphs;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// Rounded at one scale, valued at another: p = max|w| / high,  q = clamp(round(w / p), low, high),  s = |v| / high with v learned from max|w| on
/// (mean|w| at 1 bit),  y = s q.
/// dy/dw = s / p everywhere, dy/ds = q; the gradient of p goes to the element that is the maximum.
/// Brevitas: Int8WeightPerChannelFloatDecoupled.
/// </summary>
sealed class Decoupled : WeightFormula
{
    public override string Name => "decoupled";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("Int8WeightPerChannelFloatDecoupled", true)];

    public override IReadOnlyList<QuantizerParameter> Parameters => [new("threshold", "scaling_impl.value")];

    public override IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer) =>
        [quantizer.Range.IsBinary ? WeightStatistics.MeanAbs(w, quantizer.PerChannel) : WeightStatistics.MaxAbs(w, quantizer.PerChannel)];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters)
    {
        var (low, high, isBinary) = quantizer.Range;
        Tensor levels = w / Step(w, quantizer, default);
        Tensor integers = isBinary ? StraightThrough.Sign(levels) : StraightThrough.Clamp(StraightThrough.Round(levels), low, high);
        Tensor scale = parameters[0].abs().clamp_min(CachedScalar.Of(WeightStatistics.Smallest)) / CachedScalar.Of(high);
        return new(integers * scale, scale, null, quantizer.BitWidth);
    }

    public override Tensor Step(Tensor w, WeightQuantizer quantizer, QuantizedTensor quantized) =>
        WeightStatistics.MaxAbs(w, quantizer.PerChannel) / CachedScalar.Of(quantizer.Range.High);
}
