using System.Numerics.Tensors;
using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = max|w| / high,  q = clamp(round(w / s), low, high),  y = s q.
/// dy/dw = 1 everywhere, dy/ds = q - w / s; the gradient of s goes to the element that is the maximum.
/// Brevitas: Int8WeightPerTensorFloat, Int8WeightPerChannelFloat.
/// </summary>
sealed class MaxAbs : WeightFormula
{
    public override string Name => "max_abs";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("Int8WeightPerTensorFloat", false), ("Int8WeightPerChannelFloat", true)];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        Rounded(w, WeightStatistics.MaxAbs(w, quantizer.PerChannel) / CachedScalar.Of(quantizer.Range.High), quantizer);

    internal override QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead) =>
        !isScaleRead && DenseMemory.IsDense(w) ? FastWeights<LargestMagnitude>.Quantize(w, quantizer) : null;

    /// <summary>max|w| of a channel; its gradient goes to the first weight that is it or, where it is that of a whole tensor, to all that are it in equal shares.</summary>
    readonly struct LargestMagnitude : IWeightStatistic
    {
        public static float Of(ReadOnlySpan<float> w) => MathF.Abs(TensorPrimitives.MaxMagnitude(w));

        public static void AddGradient(ReadOnlySpan<float> w, Span<float> dw, float gradient, bool perChannel)
        {
            int first = TensorPrimitives.IndexOfMaxMagnitude(w);
            float largest = MathF.Abs(w[first]);
            if (perChannel)
            {
                dw[first] += MathF.Sign(w[first]) * gradient;
                return;
            }
            int equals = 0;
            foreach (float value in w) equals += MathF.Abs(value) == largest ? 1 : 0;
            for (int i = 0; i < w.Length; i++)
                if (MathF.Abs(w[i]) == largest) dw[i] += MathF.Sign(w[i]) * (gradient / equals);
        }
    }
}
