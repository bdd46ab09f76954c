using System.Runtime.InteropServices;
using Lowbit.Export.Writing;

namespace Lowbit.Export.Folding;

/// <summary>Writes what stands around an operator that engines compute in integers: QuantizeLinear after it, DequantizeLinear before it.</summary>
sealed class QuantizedTensors(OnnxGraphWriter file)
{
    const int FewChannels = 32;

    readonly Dictionary<string, string> real = [], constants = [];

    /// <summary>The bytes of a real value: rounded, saturated, and clipped as bytes where the range is narrower.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="value">The tensor of real numbers.</param>
    /// <param name="scale">The scale of its integers.</param>
    /// <param name="low">The lowest integer.</param>
    /// <param name="high">The highest integer.</param>
    /// <param name="isClipped">Whether there can be real values beyond.</param>
    /// <param name="isFlat">Whether the tensor is [N, C].</param>
    public WrittenInteger Quantize(string name, string value, float scale, int low, int high, bool isClipped, bool isFlat)
    {
        int zeroPoint = WrittenInteger.ZeroPointOf(name, low, high);
        string scaleName = file.Scalar($"{name}.s", scale), bytes = file.Node("QuantizeLinear", $"{name}.q", [value, scaleName, Byte(zeroPoint)]);
        if (isClipped && (low + zeroPoint > byte.MinValue || high + zeroPoint < byte.MaxValue))
            bytes = file.Node("Clip", $"{name}.c", [bytes, Byte(low + zeroPoint), Byte(high + zeroPoint)]);
        return new(name, bytes, scale, scaleName, zeroPoint, isFlat);
    }

    /// <summary>The real value of bytes.</summary>
    public string Dequantize(WrittenInteger value)
    {
        if (real.TryGetValue(value.Name, out string? written)) return written;
        return real[value.Name] = file.Node("DequantizeLinear", value.Name, [value.Bytes, value.ScaleName, Byte(value.ZeroPoint)]);
    }

    /// <summary>The real weights of int8.</summary>
    public string Weights(string name, string integers, float[] weightScales) =>
        file.Node("DequantizeLinear", $"{name}.w", [integers, file.Floats($"{name}.w.s", weightScales, weightScales.Length), ZeroPoints(weightScales.Length)], [("axis", 0)]);

    /// <summary>The real bias of int32, whose unit is that of the products.</summary>
    public string Bias(string name, int[] biases, float[] weightScales, float inputScale)
    {
        string integers = file.Constant($"{name}.b.q", ElementType.Int32, MemoryMarshal.AsBytes(biases.AsSpan()), biases.Length);
        // What a product of constants costs in the file is less than the constants for all but the smallest layers.
        string units = biases.Length <= FewChannels
            ? file.Floats($"{name}.b.s", [.. weightScales.Select(scale => scale * inputScale)], biases.Length)
            : file.Node("Mul", $"{name}.b.s", [$"{name}.w.s", file.Scalar($"{name}.b.x", inputScale)]);
        return file.Node("DequantizeLinear", $"{name}.b", [integers, units], [("axis", 0)]);
    }

    string Byte(int value) => Shared($"byte {value}", () => file.Constant($"u{value}", ElementType.Uint8, [(byte)value]));

    string ZeroPoints(int channels) => Shared($"zeros {channels}", () => file.Constant($"zeros{channels}", ElementType.Int8, new byte[channels], channels));

    string Shared(string key, Func<string> write) => constants.TryGetValue(key, out string? name) ? name : constants[key] = write();
}
