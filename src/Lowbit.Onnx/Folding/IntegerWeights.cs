using Lowbit.Export.Writing;
using Lowbit.Runtime;
using Onnx;

namespace Lowbit.Export.Folding;

/// <summary>Writes the integer weights of a layer, so that an engine that folds constants sees a tensor of int8.</summary>
/// <param name="file">The file.</param>
/// <param name="storage">How it holds weights.</param>
sealed class IntegerWeights(OnnxGraphWriter file, WeightStorage storage)
{
    const int Byte = 127, HalfByteBits = 4;

    /// <summary>
    /// The largest weight of which two products with bytes fit 16 bits: processors without VNNI add products of bytes up in pairs that saturate there. Bytes of up to 127 leave room for any weight.
    /// </summary>
    const int SafeByte = 64, SmallInput = 127;

    BitPacking? packing;

    /// <summary>The function that unpacks; null where nothing is packed.</summary>
    public FunctionProto? Unpacking => packing is null ? null : BitPacking.Unpacking();

    /// <summary>The largest magnitude that the weights of a layer may have once they are multiplied by their factors.</summary>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="largestInput">The largest byte that the layer's input can be.</param>
    public static int Largest(PackedIntegers weights, int largestInput) => weights.BitWidth < 8 && largestInput > SmallInput ? SafeByte : Byte;

    /// <summary>Writes weights, each channel's multiplied by its factor.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="factors">One for each output channel.</param>
    /// <param name="shape">[channels, ...].</param>
    /// <returns>The tensor of int8.</returns>
    public string Write(string name, PackedIntegers weights, int[] factors, params long[] shape)
    {
        if (storage == WeightStorage.Bits && weights.BitWidth < 8) return WritePacked(name, weights, factors, shape);
        if (storage == WeightStorage.Int4 && weights.BitWidth <= HalfByteBits) return WriteHalfBytes(name, weights, factors, shape);
        int products = weights.Count / factors.Length;
        int[] integers = new int[weights.Count];
        for (int i = 0; i < integers.Length; i++) integers[i] = weights.Values[i] * factors[i / products];
        if (integers.Any(integer => integer > Byte))
            throw new LowbitException($"{name}: a batch norm changes the sign of a weight of -128, and 128 does not fit a byte");
        return IntegerTensor.Write(file, $"{name}.w.q", ElementType.Int8, integers, shape);
    }

    /// <summary>The product is in float, because OpenVINO does not compute one of integers when it loads the file, but for every image.</summary>
    string WriteHalfBytes(string name, PackedIntegers weights, int[] factors, long[] shape)
    {
        string at = $"{name}.w", stored = IntegerTensor.Write(file, $"{at}.q", ElementType.Int4, Array.ConvertAll(weights.Values.ToArray(), weight => (int)weight), shape);
        string whole = file.Node("Cast", $"{at}.f", [stored], [("to", (int)ElementType.Float)]);
        string multiplied = file.Node("Mul", $"{at}.m", [whole, file.Floats($"{at}.k", [.. factors.Select(factor => (float)factor)], ByChannel(factors.Length, shape))]);
        return file.Node("Cast", $"{at}.8", [multiplied], [("to", (int)ElementType.Int8)]);
    }

    string WritePacked(string name, PackedIntegers weights, int[] factors, long[] shape)
    {
        packing ??= new(file);
        string at = $"{name}.w";
        string packed = packing.Write($"{at}.p", weights, out string values, out string lowest);
        byte[] bytes = [.. factors.Select(factor => (byte)factor)];
        string multiplied = file.Constant($"{at}.k", ElementType.Int8, bytes, ByChannel(factors.Length, shape));
        return file.Node(BitPacking.Function, $"{at}.8", [packed, values, lowest, multiplied, file.Integers($"{at}.n", shape)], domain: BitPacking.Domain);
    }

    static long[] ByChannel(int channels, long[] shape) => [channels, .. Enumerable.Repeat(1L, shape.Length - 1)];
}
