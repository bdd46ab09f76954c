using Lowbit.Export.Writing;
using Lowbit.Runtime;
using Onnx;

namespace Lowbit.Export.Folding;

/// <summary>Writes the integer weights of a layer, so that an engine that folds constants sees a tensor of int8.</summary>
/// <param name="file">The file.</param>
/// <param name="storage">How it holds weights.</param>
/// <param name="isAskedFor">Whether that was asked for; otherwise a layer whose 4-bit weights would cost accuracy has bytes.</param>
sealed class IntegerWeights(OnnxGraphWriter file, WeightStorage storage, bool isAskedFor)
{
    const int Byte = 127, HalfByte = 7, LargestHalfByteBits = 4;

    /// <summary>
    /// The largest weight of which two products with bytes fit 16 bits: processors without VNNI add products of bytes up in pairs that saturate there. Bytes of up to 127 leave room for any weight.
    /// </summary>
    const int SafeByte = 64, SmallInput = 127;

    BitPacking? packing;

    /// <summary>The function that unpacks; null where nothing is packed.</summary>
    public FunctionProto? Unpacking => packing is null ? null : BitPacking.Unpacking();

    /// <summary>
    /// Folds a layer for weights that are stored so: with factors that leave them in 4 bits where this is asked for, or costs next to no sum another output, else in 8.
    /// </summary>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="largestInput">The largest byte that the layer's input can be.</param>
    /// <param name="fold">Folds the layer, given the largest magnitude that its weights may have.</param>
    public FoldedLayer Fold(PackedIntegers weights, int largestInput, Func<int, FoldedLayer> fold)
    {
        if (storage == WeightStorage.Int4 && weights.BitWidth <= LargestHalfByteBits && fold(HalfByte) is var folded && (isAskedFor || folded.IsAccurate)) return folded;
        return fold(weights.BitWidth < 8 && largestInput > SmallInput ? SafeByte : Byte);
    }

    /// <summary>Writes weights, each channel's multiplied by its factor.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="factors">One for each output channel.</param>
    /// <param name="shape">[channels, ...].</param>
    /// <returns>The tensor of int8.</returns>
    public string Write(string name, PackedIntegers weights, int[] factors, params long[] shape)
    {
        if (storage == WeightStorage.Bits && weights.BitWidth < 8) return WritePacked(name, weights, factors, shape);
        int products = weights.Count / factors.Length;
        int[] integers = new int[weights.Count];
        for (int i = 0; i < integers.Length; i++) integers[i] = weights.Values[i] * factors[i / products];
        if (integers.Any(integer => integer > Byte))
            throw new LowbitException($"{name}: a batch norm changes the sign of a weight of -128, and 128 does not fit a byte; export with --batch-norm keep");
        // -8 fits four bits, its negative does not.
        bool fitsHalf = storage == WeightStorage.Int4 && integers.All(integer => integer is >= -HalfByte - 1 and <= HalfByte);
        string stored = IntegerTensor.Write(file, $"{name}.w.q", fitsHalf ? ElementType.Int4 : ElementType.Int8, integers, shape);
        return fitsHalf ? file.Node("Cast", $"{name}.w.8", [stored], [("to", (int)ElementType.Int8)]) : stored;
    }

    string WritePacked(string name, PackedIntegers weights, int[] factors, long[] shape)
    {
        packing ??= new(file);
        string at = $"{name}.w";
        string packed = packing.Write($"{at}.p", weights, out string values, out string lowest);
        byte[] bytes = [.. factors.Select(factor => (byte)factor)];
        string multiplied = file.Constant($"{at}.k", ElementType.Int8, bytes, [factors.Length, .. Enumerable.Repeat(1L, shape.Length - 1)]);
        return file.Node(BitPacking.Function, $"{at}.8", [packed, values, lowest, multiplied, file.Integers($"{at}.n", shape)], domain: BitPacking.Domain);
    }
}
