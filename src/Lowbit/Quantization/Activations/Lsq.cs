using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// As <see cref="LearnedStep"/>, gradient scale included, but s starts at 2 mean|x| / sqrt(high) of the first batch. The images have <see cref="LearnedStep"/>: their scale
/// would start far from their values at 8 bits.
/// Esser et al. 2020, "Learned Step Size Quantization".
/// </summary>
sealed class Lsq : LearnedStep
{
    public override string Name => "lsq";

    public override ActivationScale ForImages => LearnedStep;

    public override int DefaultStatisticsSteps => 1;

    public override Tensor Statistic(Tensor x, ActivationQuantizer quantizer)
    {
        using var _ = no_grad();
        Tensor mean = quantizer.PerChannel ? x.abs().mean([0, .. Enumerable.Range(2, (int)x.dim() - 2).Select(dimension => (long)dimension)], keepdim: true) : x.abs().mean();
        return mean * CachedScalar.Of(ThresholdOverMean(quantizer));
    }

    internal override (float Magnitude, long Index) Statistic<T>(T magnitudes, ActivationQuantizer quantizer)
    {
        Span<float> block = new float[magnitudes.Granule];
        double sum = 0;
        for (long first = 0; first < magnitudes.Count; first += block.Length)
        {
            Span<float> part = block[..(int)Math.Min(block.Length, magnitudes.Count - first)];
            magnitudes.Write(first, part);
            sum += System.Numerics.Tensors.TensorPrimitives.Sum<float>(part);
        }
        return ((float)(sum / magnitudes.Count * ThresholdOverMean(quantizer)), -1);
    }

    double ThresholdOverMean(ActivationQuantizer quantizer) => Divisor(quantizer) * 2 / Math.Sqrt(Math.Max(1, quantizer.Range.High));
}
