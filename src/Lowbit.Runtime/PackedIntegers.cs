using System.Text.Json.Serialization;

namespace Lowbit.Runtime;

/// <summary>
/// Signed integers of 1 to 8 bits, one after the other in a stream of bits that begins at each byte's lowest: two's complement, but for 1 bit, where 0 stands
/// for -1 and 1 for +1. The bits after the last integer are 0.
/// </summary>
public sealed class PackedIntegers
{
    sbyte[]? values;

    /// <summary>Integers that are packed already.</summary>
    /// <param name="bitWidth">Bits of each integer.</param>
    /// <param name="count">How many integers.</param>
    /// <param name="data">Their bits, in as many bytes as they take.</param>
    [JsonConstructor]
    public PackedIntegers(int bitWidth, int count, ReadOnlyMemory<byte> data) => (BitWidth, Count, Data) = (bitWidth, count, data);

    /// <summary>Packs integers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An integer does not have so few bits.</exception>
    public PackedIntegers(int bitWidth, ReadOnlySpan<sbyte> integers)
    {
        byte[] data = new byte[BytesOf(bitWidth, integers.Length)];
        for (int i = 0; i < integers.Length; i++)
        {
            int bits = bitWidth == 1 ? (integers[i] + 1) / 2 : integers[i] & ((1 << bitWidth) - 1);
            long at = (long)i * bitWidth;
            int shifted = bits << (int)(at % 8);
            data[at / 8] |= (byte)shifted;
            if (shifted > byte.MaxValue) data[at / 8 + 1] |= (byte)(shifted >> 8);
        }
        (BitWidth, Count, Data) = (bitWidth, integers.Length, data);
        if (!integers.SequenceEqual(Values)) throw new ArgumentOutOfRangeException(nameof(integers), $"There are integers of more than {bitWidth} bits among them");
    }

    /// <summary>Bits of each integer.</summary>
    public int BitWidth { get; }

    /// <summary>How many integers.</summary>
    public int Count { get; }

    /// <summary>Their bits.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The integers.</summary>
    [JsonIgnore]
    public ReadOnlySpan<sbyte> Values => values ??= Unpack();

    /// <summary>What is wrong; null where the data are as long as they should be.</summary>
    internal string? Fault => BitWidth is < 1 or > 8 ? $"its weights have {BitWidth} bits; they have 1 to 8"
        : Count < 0 || Data.Length != BytesOf(BitWidth, Count) ? $"the data of its {Count} weights of {BitWidth} bits have {Data.Length} bytes"
        : null;

    static long BytesOf(int bitWidth, long count) => (count * bitWidth + 7) / 8;

    sbyte[] Unpack()
    {
        ReadOnlySpan<byte> data = Data.Span;
        sbyte[] unpacked = new sbyte[Count];
        for (int i = 0; i < unpacked.Length; i++)
        {
            long at = (long)i * BitWidth;
            int word = data[(int)(at / 8)] | (at / 8 + 1 < data.Length ? data[(int)(at / 8 + 1)] << 8 : 0);
            int bits = (word >> (int)(at % 8)) & ((1 << BitWidth) - 1);
            unpacked[i] = (sbyte)(BitWidth == 1 ? 2 * bits - 1 : bits << (32 - BitWidth) >> (32 - BitWidth));
        }
        return unpacked;
    }
}
