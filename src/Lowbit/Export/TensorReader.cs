using System.Runtime.InteropServices;
using Lowbit.Export.Interpretation;
using Onnx;

namespace Lowbit.Export;

/// <summary>Reads the tensors that a file carries: initializers and attributes.</summary>
static class TensorReader
{
    /// <exception cref="LowbitException">The type is not one of numbers, or there is more or less data than the shape needs.</exception>
    public static NdArray Read(TensorProto tensor)
    {
        var type = (ElementType)tensor.DataType;
        int[] shape = [.. tensor.Dims.Select(size => (int)Math.Clamp(size, int.MinValue, int.MaxValue))];
        int count = NdArray.CountOf(shape);
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            throw new LowbitException($"its data lies in another file; save the model as one file");
        ReadOnlySpan<byte> bytes = tensor.HasRawData ? tensor.RawData.Span : TypedData(tensor, type);
        long needed = ((long)count * type.Bits() + 7) / 8;
        if (bytes.Length != needed)
            throw new LowbitException(
                $"its {bytes.Length} bytes of data are not the {needed} that {type} values of shape {NdArray.Text(shape)} need");
        return new NdArray(shape, Decode(bytes, type, count), type);
    }

    /// <summary>The bytes that raw_data would hold, from whichever list of numbers holds them instead.</summary>
    static ReadOnlySpan<byte> TypedData(TensorProto tensor, ElementType type) => type switch
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

    static double[] Decode(ReadOnlySpan<byte> bytes, ElementType type, int count) => type switch
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
