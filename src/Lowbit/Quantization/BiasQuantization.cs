using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Quantized biases: signed, not narrow, at the scale of the products they are added to, s = input scale x weight scale. Brevitas: Int8Bias,
/// Int16Bias, Int32Bias.
/// </summary>
public static class BiasQuantization
{
    /// <summary>Quantizes a bias [channels].</summary>
    /// <param name="bias">[channels], float32 or float64.</param>
    /// <param name="inputScale">The layer's input's scale, one value.</param>
    /// <param name="weightScale">The layer's weights' scale: one value, or one for each channel.</param>
    /// <param name="bitWidth">8, 16 or 32.</param>
    public static QuantizedTensor Quantize(Tensor bias, Tensor inputScale, Tensor weightScale, int bitWidth)
    {
        Tensor scale = (inputScale.reshape([]) * weightScale).reshape(weightScale.numel() == 1 ? [] : [-1]);
        double high = Math.Pow(2, bitWidth - 1);
        Tensor integers = StraightThrough.Round(bias / scale).clamp(CachedScalar.Of(-high), CachedScalar.Of(high - 1));
        return new(integers * scale, scale, null, bitWidth);
    }
}
