using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The parameters of a batch norm, float32 [channels].</summary>
readonly record struct NormParameters(Tensor Weight, Tensor Bias, Tensor RunningMean, Tensor RunningVariance, double Momentum, double Epsilon);

/// <summary>The quantizers of a row.</summary>
/// <param name="First">After the batch norm.</param>
/// <param name="Second">After the residual add; null where nothing is added.</param>
/// <param name="Narrow">Of the value that the others give; null where there is none. It does not collect statistics.</param>
readonly record struct RowQuantizers(ScaledRange First, ScaledRange? Second, ScaledRange? Narrow)
{
    /// <summary>The one that gives the row's value.</summary>
    public ScaledRange Last => Second ?? First;
}

/// <summary>Batch norm, ReLU, quantizer, and perhaps residual add, ReLU and quantizer, and perhaps a narrower quantizer of that, by <see cref="FusedNormalizeFunction{T}"/>.</summary>
static class FusedNormalize
{
    /// <summary>Whether the kernel can take values that lie so.</summary>
    public static bool Takes(Tensor x, Tensor? other) =>
        DenseMemory.IsDense(x) && RowLayout.WidthFor(x.numel(), (int)x.size(1)) > 0 && (other is null || DenseMemory.IsDense(other));

    /// <summary>The row's value in training, its scale, and its narrower value where there is a quantizer for that: the statistics are the batch's, and enter the running ones.</summary>
    public static (Tensor Value, Tensor Scale, Tensor? Narrow) Train(Tensor x, NormParameters norm, RowQuantizers quantizers, Tensor? other) =>
        quantizers.First.Range.IsBinary
            ? FusedNormalizeFunction<SignTimesScale>.Train(x, norm, quantizers, other)
            : FusedNormalizeFunction<RoundToScale>.Train(x, norm, quantizers, other);

    /// <summary>The same in evaluation, by the running statistics; without gradients.</summary>
    public static (Tensor Value, Tensor Scale, Tensor? Narrow) Evaluate(Tensor x, NormParameters norm, RowQuantizers quantizers, Tensor? other) =>
        quantizers.First.Range.IsBinary
            ? FusedNormalizeFunction<SignTimesScale>.Evaluate(x, norm, quantizers, other)
            : FusedNormalizeFunction<RoundToScale>.Evaluate(x, norm, quantizers, other);
}
