using System.Numerics.Tensors;
using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = mean|w| / high,  q = clamp(round(w / s), low, high),  y = s q: binary weights.
/// dy/dw = 1 everywhere, dy/ds = q - w / s; the gradient of s goes to every element by its sign.
/// Rastegari et al. 2016, "XNOR-Net", equation 6.
/// </summary>
sealed class MeanAbs : WeightFormula
{
    public override string Name => "mean_abs";

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        Rounded(w, WeightStatistics.MeanAbs(w, quantizer.PerChannel) / CachedScalar.Of(quantizer.Range.High), quantizer);

    internal override QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead) =>
        !isScaleRead && DenseMemory.IsDense(w) ? FastWeights<MeanMagnitude>.Quantize(w, quantizer) : null;

    /// <summary>mean|w| of a channel.</summary>
    readonly struct MeanMagnitude : IWeightStatistic
    {
        public static float Of(ReadOnlySpan<float> w) => (float)(Sum(w) / w.Length);

        /// <summary>Sums of floats over blocks, and of doubles over these: whole tensors are too long for sums of floats.</summary>
        static double Sum(ReadOnlySpan<float> w)
        {
            const int Block = 512;
            double sum = 0;
            for (; w.Length > Block; w = w[Block..]) sum += TensorPrimitives.SumOfMagnitudes(w[..Block]);
            return sum + TensorPrimitives.SumOfMagnitudes(w);
        }

        public static void AddGradient(ReadOnlySpan<float> w, Span<float> dw, float gradient, bool perChannel)
        {
            for (int i = 0; i < w.Length; i++) dw[i] += MathF.Sign(w[i]) * (gradient / w.Length);
        }
    }
}
