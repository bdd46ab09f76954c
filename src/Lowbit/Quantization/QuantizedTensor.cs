using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// A tensor on its way through a network: its value, and where it is quantized what its integers are:
/// <c>Value = Scale * (integer - ZeroPoint)</c>.
/// </summary>
/// <param name="Value">The dequantized value, float32 or float64.</param>
/// <param name="Scale">One scale (shape []) or one for each channel (a shape that broadcasts); null where the value is not quantized.</param>
/// <param name="ZeroPoint">The integer that means 0; null for 0.</param>
/// <param name="BitWidth">Bits of the integers; 0 where the value is not quantized.</param>
public readonly record struct QuantizedTensor(Tensor Value, Tensor? Scale = null, Tensor? ZeroPoint = null, int BitWidth = 0)
{
    /// <summary>The value in whole steps of the scale: its integers, less the zero point. Only of a quantized value.</summary>
    public Tensor Steps => (Value / Scale!).round();

    /// <summary>Another value of the same scale: what max pooling and flattening give.</summary>
    public QuantizedTensor With(Tensor value) => this with { Value = value };
}
