using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// As <see cref="Learned"/>, but v starts where the squared error sum (y - w)^2 is least among max|w| / 20, 2 max|w| / 20, ... max|w|.
/// Brevitas: Int8WeightPerTensorFloatMSE, Int8WeightPerChannelFloatMSE.
/// </summary>
sealed class LearnedMse : Learned
{
    const int Steps = 20;

    public override string Name => "learned_mse";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("Int8WeightPerTensorFloatMSE", false), ("Int8WeightPerChannelFloatMSE", true)];

    public override IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer)
    {
        Tensor largest = WeightStatistics.MaxAbs(w, quantizer.PerChannel), best = largest, least = full_like(largest, CachedScalar.Of(double.PositiveInfinity));
        for (int step = 1; step <= Steps; step++)
        {
            using var scope = NewDisposeScope();
            Tensor threshold = largest * CachedScalar.Of((double)step / Steps);
            Tensor error = Error(w, Quantize(w, quantizer, [threshold]).Value, largest);
            Tensor isBetter = error.lt(least);
            best = where(isBetter, threshold, best).MoveToOuterDisposeScope();
            least = where(isBetter, error, least).MoveToOuterDisposeScope();
        }
        return [best];
    }

    /// <summary>The sum of squared errors, in the shape of the scale.</summary>
    static Tensor Error(Tensor w, Tensor y, Tensor scale)
    {
        Tensor error = y - w, squares = error * error;
        return scale.numel() == 1 ? squares.sum().view(scale.shape) : squares.flatten(1).sum([1]).view(scale.shape);
    }
}
