using System.Runtime.InteropServices;
using Lowbit.Export.Writing;

namespace Lowbit.Export.Folding;

/// <summary>Writes what stands around an operator that engines compute in integers: QuantizeLinear after it, DequantizeLinear before it.</summary>
sealed class QuantizedTensors(OnnxGraphWriter file)
{
    readonly Dictionary<string, string> real = [], constants = [];

    /// <summary>The bytes of a real value: rounded, saturated, and clipped as bytes where the range is narrower.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="value">The tensor of real numbers.</param>
    /// <param name="scale">The scale of its integers.</param>
    /// <param name="low">The lowest integer.</param>
    /// <param name="high">The highest integer.</param>
    /// <param name="isClipped">Whether there can be real values beyond.</param>
    public WrittenInteger Quantize(string name, string value, float scale, int low, int high, bool isClipped)
    {
        int zeroPoint = WrittenInteger.ZeroPointOf(name, low, high);
        string bytes = file.Node("QuantizeLinear", $"{name}.bytes", [value, file.Scalar($"{name}.scale", scale), Byte(zeroPoint)]);
        if (isClipped && (low + zeroPoint > byte.MinValue || high + zeroPoint < byte.MaxValue))
            bytes = file.Node("Clip", $"{name}.clipped", [bytes, Byte(low + zeroPoint), Byte(high + zeroPoint)]);
        return new(name, bytes, scale, zeroPoint);
    }

    /// <summary>The real value of bytes.</summary>
    public string Dequantize(WrittenInteger value)
    {
        if (real.TryGetValue(value.Name, out string? written)) return written;
        // The scale's name is the quantizer's: a value that a pool hands on has it, too.
        string scale = Shared($"scale {value.Scale:R}", () => file.Scalar($"{value.Name}.real_scale", value.Scale));
        return real[value.Name] = file.Node("DequantizeLinear", $"{value.Name}.real", [value.Bytes, scale, Byte(value.ZeroPoint)]);
    }

    /// <summary>The real weights of int8.</summary>
    public string Weights(string name, string integers, float[] weightScales) =>
        file.Node("DequantizeLinear", $"{name}.weight", [integers, file.Floats($"{name}.weight.scale", weightScales, weightScales.Length), ZeroPoints(weightScales.Length)], [("axis", 0)]);

    /// <summary>The real bias of int32, whose unit is that of the products.</summary>
    public string Bias(string name, int[] biases, float[] weightScales, float inputScale)
    {
        string integers = file.Constant($"{name}.bias.integers", ElementType.Int32, MemoryMarshal.AsBytes(biases.AsSpan()), biases.Length);
        string units = file.Floats($"{name}.bias.scale", [.. weightScales.Select(scale => scale * inputScale)], biases.Length);
        return file.Node("DequantizeLinear", $"{name}.bias", [integers, units], [("axis", 0)]);
    }

    string Byte(int value) => Shared($"byte {value}", () => file.Constant($"byte_{value}", ElementType.Uint8, [(byte)value]));

    string ZeroPoints(int channels) => Shared($"zeros {channels}", () => file.Constant($"zeros_{channels}", ElementType.Int8, new byte[channels], channels));

    string Shared(string key, Func<string> write) => constants.TryGetValue(key, out string? name) ? name : constants[key] = write();
}
