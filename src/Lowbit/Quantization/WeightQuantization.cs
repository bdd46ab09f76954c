using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Quantized weights: <c>y = s * (clamp(round(w / s + z), low, high) - z)</c>, the gradient passing outside the range too. The formulas of s
/// (and z) stand here, one for each <see cref="WeightScale"/>; all are differentiable statistics of w or constants.
/// </summary>
public static class WeightQuantization
{
    /// <summary>The smallest statistic, so that weights which are all 0 have a scale.</summary>
    const double Smallest = 1e-10;

    /// <summary>Quantizes a weight tensor [output channels, ...], float32 or float64.</summary>
    /// <returns>The dequantized weights; their scale, of shape [] per tensor or [output channels, 1, ...] per channel; their zero point.</returns>
    public static QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer)
    {
        var (scale, zeroPoint) = Scale(w, quantizer);
        Tensor value = quantizer is { Scale: WeightScale.Constant, Range.IsBinary: true }
            ? StraightThrough.Sign(w) * scale   // Brevitas's gradient is the scale's here, not 1
            : Rounding.QuantizePassing(w, scale, zeroPoint, quantizer.Range);
        return new(value, scale, zeroPoint, quantizer.BitWidth);
    }

    /// <summary>The scale and the zero point (null for 0) of a weight tensor.</summary>
    public static (Tensor Scale, Tensor? ZeroPoint) Scale(Tensor w, WeightQuantizer quantizer) => quantizer.Scale switch
    {
        // s = max|w| / high
        WeightScale.MaxAbs => (MaxAbs(w, quantizer) / Number.Of(quantizer.Range.High), null),
        // s = 2^ceil(log2 max|w|) / 2^(b-1)
        WeightScale.PowerOfTwo => (StraightThrough.Ceil(MaxAbs(w, quantizer).log2()).exp2() / Number.Of(1 << (quantizer.BitWidth - 1)), null),
        // s = mean|w| / high
        WeightScale.MeanAbs => (MeanAbs(w, quantizer) / Number.Of(quantizer.Range.High), null),
        // s = 0.1 / high
        WeightScale.Constant => (tensor(0.1 / quantizer.Range.High, float64), null),
        // s = 1 / high
        WeightScale.BnnPynq => (tensor(1.0 / quantizer.Range.High, float64), null),
        // s = (max w - min w) / high,  z = clamp(round(-min(w, 0) / s), 0, high)
        WeightScale.Shifted => Shifted(w, quantizer),
        _ => throw new ArgumentOutOfRangeException(nameof(quantizer), quantizer.Scale, null),
    };

    static (Tensor, Tensor?) Shifted(Tensor w, WeightQuantizer quantizer)
    {
        Tensor low = Min(w, quantizer), scale = (Max(w, quantizer) - low).clamp_min(Number.Of(Smallest)) / Number.Of(quantizer.Range.High);
        return (scale, StraightThrough.Round(-low.clamp_max(Number.Of(0)) / scale).clamp(Number.Of(0), Number.Of(quantizer.Range.High)));
    }

    /// <summary>max|w|: its gradient goes to the element that is the maximum, per tensor shared among equal ones.</summary>
    static Tensor MaxAbs(Tensor w, WeightQuantizer quantizer) => Max(w.abs(), quantizer).clamp_min(Number.Of(Smallest));

    static Tensor MeanAbs(Tensor w, WeightQuantizer quantizer) =>
        (quantizer.PerChannel ? PerChannel(w.abs().flatten(1).mean([1]), w) : w.abs().mean()).clamp_min(Number.Of(Smallest));

    static Tensor Max(Tensor w, WeightQuantizer quantizer) => quantizer.PerChannel ? PerChannel(w.flatten(1).max(1).values, w) : w.max();

    static Tensor Min(Tensor w, WeightQuantizer quantizer) => quantizer.PerChannel ? PerChannel(w.flatten(1).min(1).values, w) : w.min();

    static Tensor PerChannel(Tensor statistic, Tensor w) => statistic.view([-1, .. Enumerable.Repeat(1L, (int)w.dim() - 1)]);
}
