using System.Runtime.InteropServices;
using Lowbit.Export.Interpretation;
using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>Takes the data of tensors apart: initializers' and attributes'.</summary>
static class TensorReader
{
    /// <summary>The values of a tensor whose data must be in the same file.</summary>
    /// <exception cref="LowbitException">The type is not one of numbers, or there is more or less data than the shape needs.</exception>
    public static NdArray Read(TensorProto tensor) => new StoredTensor(tensor, folder: null).Read();

    /// <summary>How many bytes of data a tensor has.</summary>
    public static long Length(TensorProto tensor, ElementType type) => tensor.HasRawData ? tensor.RawData.Length : type switch
    {
        ElementType.Float => 4L * tensor.FloatData.Count,
        ElementType.Double => 8L * tensor.DoubleData.Count,
        ElementType.Int64 => 8L * tensor.Int64Data.Count,
        ElementType.Uint64 => 8L * tensor.Uint64Data.Count,
        ElementType.Uint32 => 4L * tensor.Uint64Data.Count,
        _ => (long)tensor.Int32Data.Count * Math.Max(8, type.Bits()) / 8,
    };

    /// <summary>The bytes that raw_data holds, or would, from whichever list of numbers holds them instead.</summary>
    public static ReadOnlySpan<byte> Bytes(TensorProto tensor, ElementType type) => tensor.HasRawData ? tensor.RawData.Span : type switch
    {
        ElementType.Float => Bytes(tensor.FloatData),
        ElementType.Double => Bytes(tensor.DoubleData),
        ElementType.Int64 => Bytes(tensor.Int64Data),
        ElementType.Uint64 => Bytes(tensor.Uint64Data),
        ElementType.Uint32 => Bytes(tensor.Uint64Data.Select(value => (uint)value)),
        ElementType.Int32 => Bytes(tensor.Int32Data),
        _ when type.Bits() == 16 => Bytes(tensor.Int32Data.Select(value => (ushort)value)),
        _ => Bytes(tensor.Int32Data.Select(value => (byte)value)),
    };

    static ReadOnlySpan<byte> Bytes<T>(IEnumerable<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values.ToArray().AsSpan());

    /// <summary>The values that bytes stand for.</summary>
    public static double[] Decode(ReadOnlySpan<byte> bytes, ElementType type, int count) => type switch
    {
        ElementType.Float => Convert<float>(bytes, value => value),
        ElementType.Double => Convert<double>(bytes, value => value),
        ElementType.Float16 => Convert<Half>(bytes, value => (double)value),
        ElementType.Bfloat16 => Convert<ushort>(bytes, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
        ElementType.Int64 => Convert<long>(bytes, value => value),
        ElementType.Uint64 => Convert<ulong>(bytes, value => value),
        ElementType.Int32 => Convert<int>(bytes, value => value),
        ElementType.Uint32 => Convert<uint>(bytes, value => value),
        ElementType.Int16 => Convert<short>(bytes, value => value),
        ElementType.Uint16 => Convert<ushort>(bytes, value => value),
        ElementType.Int8 => Convert<sbyte>(bytes, value => value),
        ElementType.Uint8 or ElementType.Bool => Convert<byte>(bytes, value => value),
        _ => Unpack(bytes, type, count),
    };

    static double[] Convert<T>(ReadOnlySpan<byte> bytes, Func<T, double> convert) where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        var result = new double[values.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = convert(values[i]);
        return result;
    }

    /// <summary>Integers of 2 and 4 bits, several to a byte, the first in the lowest bits.</summary>
    static double[] Unpack(ReadOnlySpan<byte> bytes, ElementType type, int count)
    {
        int bits = type.Bits();
        var result = new double[count];
        for (int i = 0; i < count; i++)
        {
            int shift = i * bits % 8;
            int highest = bytes[i * bits / 8] << (32 - bits - shift);
            result[i] = type.IsSigned() ? highest >> (32 - bits) : (uint)highest >> (32 - bits);
        }
        return result;
    }
}
