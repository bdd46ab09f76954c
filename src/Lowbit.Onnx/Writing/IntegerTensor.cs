namespace Lowbit.Export.Writing;

/// <summary>Constants of small integers.</summary>
static class IntegerTensor
{
    /// <summary>Appends a constant of 8-bit integers, or of 4-bit integers, two to a byte, the first in the lower half.</summary>
    public static string Write(OnnxGraphWriter file, string name, ElementType type, ReadOnlySpan<int> values, params ReadOnlySpan<long> shape) =>
        file.Constant(name, type, type is ElementType.Int4 or ElementType.Uint4 ? Pairs(values) : Bytes(values), shape);

    static byte[] Bytes(ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[values.Length];
        for (int i = 0; i < values.Length; i++) bytes[i] = (byte)values[i];
        return bytes;
    }

    static byte[] Pairs(ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[(values.Length + 1) / 2];
        for (int i = 0; i < values.Length; i++) bytes[i / 2] |= (byte)((values[i] & 15) << (i % 2 * 4));
        return bytes;
    }
}
