global using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Export.Interpretation;

/// <summary>What the element types of ONNX can hold.</summary>
static class ElementTypes
{
    /// <summary>Bits that one element takes in a file.</summary>
    public static int Bits(this ElementType type) => type switch
    {
        ElementType.Int2 or ElementType.Uint2 => 2,
        ElementType.Int4 or ElementType.Uint4 => 4,
        ElementType.Int8 or ElementType.Uint8 or ElementType.Bool => 8,
        ElementType.Int16 or ElementType.Uint16 or ElementType.Float16 or ElementType.Bfloat16 => 16,
        ElementType.Int32 or ElementType.Uint32 or ElementType.Float => 32,
        ElementType.Int64 or ElementType.Uint64 or ElementType.Double => 64,
        _ => throw new LowbitException($"elements of type {type} are not supported"),
    };

    public static bool IsSigned(this ElementType type) =>
        type is ElementType.Int2 or ElementType.Int4 or ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64;

    public static bool IsInteger(this ElementType type) =>
        type.IsSigned() || type is
            ElementType.Uint2 or ElementType.Uint4 or ElementType.Uint8 or ElementType.Uint16 or ElementType.Uint32 or ElementType.Uint64;

    /// <summary>The smallest and the largest value of an integer type.</summary>
    public static (double Low, double High) Range(this ElementType type) => type.IsSigned()
        ? (-Math.ScaleB(1, type.Bits() - 1), Math.ScaleB(1, type.Bits() - 1) - 1)
        : (0, Math.ScaleB(1, type.Bits()) - 1);
}
