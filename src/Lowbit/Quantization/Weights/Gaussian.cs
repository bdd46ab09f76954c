using System.Numerics.Tensors;
using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = c sqrt(mean w^2), c the step of least squared error for a normal distribution,  q = clamp(round(w / s), low, high),  y = s q.
/// dy/dw = 1 everywhere, dy/ds = q - w / s; the gradient of s goes to every element by its share of s.
/// Max 1960, "Quantizing for Minimum Distortion", for 2^b - 1 levels around 0; sqrt(2 / pi) for the two of 1 bit.
/// </summary>
sealed class Gaussian : WeightFormula
{
    /// <summary>c for 1 to 8 bits.</summary>
    static readonly double[] Steps = [0.79788, 1.22401, 0.65077, 0.35341, 0.19325, 0.10549, 0.05726, 0.03087];

    public override string Name => "gaussian";

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        Rounded(w, WeightStatistics.RootMeanSquare(w, quantizer.PerChannel) / CachedScalar.Of(Divisor(quantizer)), quantizer);

    internal override QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead) =>
        !isScaleRead && DenseMemory.IsDense(w) ? FastWeights<RootMeanSquare>.Quantize(w, quantizer, Divisor(quantizer)) : null;

    static float Divisor(WeightQuantizer quantizer) => (float)(1 / Steps[quantizer.BitWidth - 1]);

    /// <summary>sqrt(mean w^2) of a channel.</summary>
    readonly struct RootMeanSquare : IWeightStatistic
    {
        public static float Of(ReadOnlySpan<float> w)
        {
            const int Block = 512;   // sums of floats over blocks, and of doubles over these
            double sum = 0;
            int length = w.Length;
            for (; w.Length > Block; w = w[Block..]) sum += TensorPrimitives.SumOfSquares(w[..Block]);
            return (float)Math.Sqrt((sum + TensorPrimitives.SumOfSquares(w)) / length);
        }

        public static void AddGradient(ReadOnlySpan<float> w, Span<float> dw, float gradient, bool perChannel)
        {
            float factor = gradient / (w.Length * Of(w));
            TensorPrimitives.MultiplyAdd(w, factor, dw, dw);
        }
    }
}
