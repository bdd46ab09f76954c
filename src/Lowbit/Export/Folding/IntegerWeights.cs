using System.Runtime.InteropServices;
using Lowbit.Export.Writing;
using Lowbit.Runtime;

namespace Lowbit.Export.Folding;

/// <summary>Writes the integer weights of a layer, so that an engine that folds constants sees a tensor of int8.</summary>
/// <param name="file">The file.</param>
/// <param name="storage">How it holds weights.</param>
sealed class IntegerWeights(OnnxGraphWriter file, WeightStorage storage)
{
    const int Byte = 127, HalfByte = 7, LargestHalfByteBits = 4;

    string? bitPlaces, mask;

    /// <summary>
    /// Folds a layer for weights that are stored so: with factors that leave them in 4 bits where this is wanted and next to no sum has another output for it, else in 8.
    /// </summary>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="fold">Folds the layer, given the largest magnitude that its weights may have.</param>
    public FoldedLayer Fold(PackedIntegers weights, Func<int, FoldedLayer> fold) =>
        storage == WeightStorage.Int4 && weights.BitWidth <= LargestHalfByteBits && fold(HalfByte) is { IsAccurate: true } folded ? folded : fold(Byte);

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
        // -8 fits four bits, its negative does not.
        bool fitsHalf = storage == WeightStorage.Int4 && integers.All(integer => integer is >= -HalfByte - 1 and <= HalfByte);
        string stored = IntegerTensor.Write(file, $"{name}.weight.integers", fitsHalf ? ElementType.Int4 : ElementType.Int8, integers, shape);
        return fitsHalf ? file.Node("Cast", $"{name}.weight.int8", [stored], [("to", (int)ElementType.Int8)]) : stored;
    }

    /// <summary>
    /// Bit by bit: plane i has bit i of every weight, counted from the lowest weight there is, eight to a byte. Shift and mask take them apart, the sum over planes
    /// times their values puts them together.
    /// </summary>
    string WritePacked(string name, PackedIntegers weights, int[] factors, long[] shape)
    {
        bool isBinary = weights.BitWidth == 1;
        int low = isBinary ? -1 : -(1 << (weights.BitWidth - 1)), step = isBinary ? 2 : 1, bits = weights.BitWidth, bytes = (weights.Count + 7) / 8;
        byte[] planes = new byte[bits * bytes];
        for (int i = 0; i < weights.Count; i++)
            for (int bit = 0, code = (weights.Values[i] - low) / step; bit < bits; bit++)
                planes[bit * bytes + i / 8] |= (byte)(((code >> bit) & 1) << (i % 8));

        string at = $"{name}.weight";
        string packed = file.Constant($"{at}.packed", ElementType.Uint8, planes, bits, bytes, 1);
        string shifted = file.Node("BitShift", $"{at}.shifted", [packed, bitPlaces ??= file.Constant("bit_places", ElementType.Uint8, [0, 1, 2, 3, 4, 5, 6, 7], 8)], [("direction", "RIGHT")]);
        string single = file.Node("Cast", $"{at}.bits", [file.Node("BitwiseAnd", $"{at}.masked", [shifted, mask ??= file.Constant("lowest_bit", ElementType.Uint8, [1])])], [("to", (int)ElementType.Int32)]);
        string valued = file.Node("Mul", $"{at}.valued", [single, Int32($"{at}.values", [.. Enumerable.Range(0, bits).Select(bit => step << bit)], bits, 1, 1)]);
        string codes = file.Node("ReduceSum", $"{at}.codes", [valued, Int64($"{at}.planes", 0)], [("keepdims", 0)]);
        if (weights.Count % 8 != 0)
            codes = file.Node("Slice", $"{at}.cut", [file.Node("Reshape", $"{at}.flat", [codes, Int64($"{at}.all", -1)]), Int64($"{at}.from", 0), Int64($"{at}.to", weights.Count)]);
        string shaped = file.Node("Reshape", $"{at}.shaped", [codes, Int64($"{at}.shape", shape)]);
        string integers = file.Node("Add", $"{at}.centred", [shaped, Int32($"{at}.lowest", [low])]);
        string scaled = file.Node("Mul", $"{at}.multiplied", [integers, Int32($"{at}.factors", factors, [factors.Length, .. Enumerable.Repeat(1L, shape.Length - 1)])]);
        return file.Node("Cast", $"{at}.int8", [scaled], [("to", (int)ElementType.Int8)]);
    }

    string Int32(string name, int[] values, params long[] shape) => file.Constant(name, ElementType.Int32, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    string Int64(string name, params long[] values) => file.Constant(name, ElementType.Int64, MemoryMarshal.AsBytes(values.AsSpan()), values.Length);
}
