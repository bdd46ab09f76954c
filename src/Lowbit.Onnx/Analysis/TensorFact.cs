using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Analysis;

/// <summary>What is known of a tensor of a file before the file is run.</summary>
/// <param name="Type">The type of its elements; null where that is not known.</param>
/// <param name="Shape">Its shape; null where that depends on values that are not known.</param>
/// <param name="IsConstant">Whether it is the same for every image.</param>
/// <param name="Value">Its values, where they are constant and few.</param>
sealed record TensorFact(ElementType? Type, int[]? Shape, bool IsConstant = false, NdArray? Value = null)
{
    /// <summary>Values of constants are kept up to so many: shapes, scales and the like.</summary>
    public const int MostValues = 1 << 16;

    /// <summary>Nothing is known.</summary>
    public static TensorFact Unknown { get; } = new(null, null);

    /// <summary>Elements, however many; null where the shape is not known.</summary>
    public double? Elements => Shape?.Aggregate(1.0, (product, size) => product * size);

    /// <summary>Bytes that it takes when it is run in its own type; null where the shape is not known.</summary>
    public double? Bytes => Elements * (Type is { } type && type != ElementType.String ? type.Bits() : 64) / 8;

    public static TensorFact Of(NdArray value) => new(value.Type, value.Shape, IsConstant: true, value.Count <= MostValues ? value : null);
}
