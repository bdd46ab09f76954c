using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// A quantizer of weights: what it declares of itself (<see cref="WeightScale"/>), its formula in plain torch operations, whose gradients are
/// the quantizer's, and the fast kernel that it may have. Each is a file of this folder.
/// </summary>
public abstract class WeightFormula : WeightScale
{
    /// <summary>Where the parameters start for given weights, one tensor for each of <see cref="WeightScale.Parameters"/>.</summary>
    /// <param name="w">Weights [output channels, ...].</param>
    /// <param name="quantizer">The bit width, and whether each channel has its own scale.</param>
    /// <returns>Tensors in the shape of the scale: [] per tensor, [output channels, 1, ...] per channel.</returns>
    public virtual IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer) => [];

    /// <summary>Quantizes weights by plain torch operations.</summary>
    /// <param name="w">Weights [output channels, ...], float32 or float64.</param>
    /// <param name="quantizer">The bit width, and whether each channel has its own scale.</param>
    /// <param name="parameters">The values of <see cref="WeightScale.Parameters"/>, in the shape of the scale.</param>
    /// <returns>The dequantized weights; their scale, of shape [] per tensor or [output channels, 1, ...] per channel; their zero point.</returns>
    public abstract QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters);

    /// <summary>The distance of two weights that are rounded to neighbouring integers: the scale, where values are not others than what is rounded.</summary>
    /// <param name="w">Weights [output channels, ...].</param>
    /// <param name="quantizer">The bit width, and whether each channel has its own scale.</param>
    /// <param name="quantized">What the formula makes of them.</param>
    public virtual Tensor Step(Tensor w, WeightQuantizer quantizer, QuantizedTensor quantized) => quantized.Scale!;

    /// <summary>The same by a fast kernel; null where there is none for such weights.</summary>
    /// <param name="w">Weights [output channels, ...].</param>
    /// <param name="quantizer">The bit width, and whether each channel has its own scale.</param>
    /// <param name="parameters">The values of <see cref="WeightScale.Parameters"/>, in the shape of the scale.</param>
    /// <param name="isScaleRead">Whether others compute with the scale, so that a gradient comes to it from there, too.</param>
    internal virtual QuantizedTensor? QuantizeFast(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters, bool isScaleRead) => null;

    /// <summary><c>y = s * (clamp(round(w / s + z), low, high) - z)</c>, the gradient passing outside the range, too.</summary>
    protected static QuantizedTensor Rounded(Tensor w, Tensor scale, WeightQuantizer quantizer, Tensor? zeroPoint = null) =>
        new(Rounding.QuantizeStraightThrough(w, scale, zeroPoint, quantizer.Range), scale, zeroPoint, quantizer.BitWidth);

    /// <summary>The same with the gradient of w cut outside the range.</summary>
    protected static QuantizedTensor RoundedAndClipped(Tensor w, Tensor scale, WeightQuantizer quantizer, Tensor? zeroPoint = null) =>
        new(Rounding.QuantizeStraightThroughClipped(w, scale, zeroPoint, quantizer.Range), scale, zeroPoint, quantizer.BitWidth);
}
