using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = |v| / high with v learned from max|w| on (mean|w| at 1 bit),  q = clamp(round(w / s), low, high),  y = s q.
/// Inside the range dy/dw = 1 and dy/ds = q - w / s, outside dy/dw = 0 and dy/ds = q.
/// Esser et al. 2020, "Learned Step Size Quantization", equation 3. Brevitas: Int8WeightPerTensorFloat and Int8WeightPerChannelFloat with
/// scaling_impl_type PARAMETER_FROM_STATS.
/// </summary>
class Learned : WeightFormula
{
    public override string Name => "learned";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("Int8WeightPerTensorFloat.learned", false), ("Int8WeightPerChannelFloat.learned", true)];

    public override IReadOnlyList<QuantizerParameter> Parameters => [new("threshold", "scaling_impl.value")];

    public override IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer) =>
        [quantizer.Range.IsBinary ? WeightStatistics.MeanAbs(w, quantizer.PerChannel) : WeightStatistics.MaxAbs(w, quantizer.PerChannel)];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        RoundedAndClipped(w, Scale(quantizer, parameters), quantizer);

    internal override QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead)
    {
        if (!DenseMemory.IsDense(w)) return null;
        Tensor scale = Scale(quantizer, parameters);
        return new(FastClippedWeights.Quantize(w, scale, quantizer.Range), scale, null, quantizer.BitWidth);
    }

    static Tensor Scale(WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        parameters[0].abs().clamp_min(CachedScalar.Of(WeightStatistics.Smallest)) / CachedScalar.Of(quantizer.Range.High);
}
