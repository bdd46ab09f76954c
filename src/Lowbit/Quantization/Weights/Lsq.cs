using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = |v|, v learned from 2 mean|w| / sqrt(high) on,  q = clamp(round(w / s), low, high),  y = s q.
/// Inside the range dy/dw = 1 and dy/ds = g (q - w / s), outside dy/dw = 0 and dy/ds = g q, with g = 1 / sqrt(N high), N the weights that share the scale.
/// Esser et al. 2020, "Learned Step Size Quantization".
/// </summary>
sealed class Lsq : WeightFormula
{
    public override string Name => "lsq";

    public override IReadOnlyList<QuantizerParameter> Parameters => [new("step")];

    public override IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer) =>
        [WeightStatistics.MeanAbs(w, quantizer.PerChannel) * CachedScalar.Of(2 / Math.Sqrt(quantizer.Range.High))];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        RoundedAndClipped(w, Scale(w, quantizer, parameters[0]), quantizer);

    internal override QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead)
    {
        if (!DenseMemory.IsDense(w)) return null;
        Tensor scale = Scale(w, quantizer, parameters[0]);
        return new(FastClippedWeights.Quantize(w, scale, quantizer.Range), scale, null, quantizer.BitWidth);
    }

    static Tensor Scale(Tensor w, WeightQuantizer quantizer, Tensor step)
    {
        Tensor scale = step.abs().clamp_min(CachedScalar.Of(WeightStatistics.Smallest));
        return is_grad_enabled() ? StraightThrough.ScaleGradient(scale, 1 / Math.Sqrt((double)w.numel() / step.numel() * quantizer.Range.High)) : scale;
    }
}
