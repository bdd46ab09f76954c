using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The parameters of a batch norm, float32 [channels].</summary>
readonly record struct NormParameters(Tensor Weight, Tensor Bias, Tensor RunningMean, Tensor RunningVariance, double Momentum, double Epsilon);

/// <summary>Batch norm, ReLU, quantizer, and perhaps residual add, ReLU and quantizer, by <see cref="FusedNormalizeFunction{T}"/>.</summary>
static class FusedNormalize
{
    /// <summary>Whether the kernel can take values that lie so.</summary>
    public static bool Takes(Tensor x, Tensor? other) =>
        DenseMemory.IsDense(x) && RowLayout.WidthFor(x.numel(), (int)x.size(1)) > 0 && (other is null || DenseMemory.IsDense(other));

    /// <summary>The row's value in training, and its scale: the statistics are the batch's, and enter the running ones.</summary>
    public static (Tensor Value, Tensor Scale) Train(Tensor x, NormParameters norm, ScaledRange first, Tensor? other = null, ScaledRange? second = null) =>
        first.Range.IsBinary
            ? FusedNormalizeFunction<SignTimesScale>.Train(x, norm, first, other, second)
            : FusedNormalizeFunction<RoundToScale>.Train(x, norm, first, other, second);

    /// <summary>The row's value in evaluation, by the running statistics; without gradients.</summary>
    public static Tensor Evaluate(Tensor x, NormParameters norm, ScaledRange first, Tensor? other = null, ScaledRange? second = null) =>
        first.Range.IsBinary
            ? FusedNormalizeFunction<SignTimesScale>.Evaluate(x, norm, first, other, second)
            : FusedNormalizeFunction<RoundToScale>.Evaluate(x, norm, first, other, second);
}
