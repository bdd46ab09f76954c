using Lowbit.Export.Interpretation;
using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>A tensor that a file carries, its size checked, its values not yet taken apart.</summary>
sealed class StoredTensor
{
    readonly TensorProto proto;
    readonly ExternalData? external;

    /// <param name="proto">The tensor as it stands in the file.</param>
    /// <param name="folder">The folder of the file, where data may lie beside it; null where none may.</param>
    /// <exception cref="LowbitException">The type is not one of numbers, or there is more or less data than the shape needs.</exception>
    public StoredTensor(TensorProto proto, string? folder)
    {
        this.proto = proto;
        Type = (ElementType)proto.DataType;
        Shape = [.. proto.Dims.Select(size => (int)Math.Clamp(size, int.MinValue, int.MaxValue))];
        Count = NdArray.CountOf(Shape);
        long needed = ((long)Count * Type.Bits() + 7) / 8;
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
            external = ExternalData.Of(proto, folder, needed);
        else if (TensorReader.Length(proto, Type) is var length && length != needed)
            throw new LowbitException(
                $"its {length} bytes of data are not the {needed} that {Type} values of shape {NdArray.Text(Shape)} need");
    }

    public ElementType Type { get; }

    public int[] Shape { get; }

    public int Count { get; }

    /// <summary>The values.</summary>
    public NdArray Read()
    {
        Ledger.Allocate(Count);
        return new(Shape, TensorReader.Decode(external is null ? TensorReader.Bytes(proto, Type) : external.Read(), Type, Count), Type);
    }
}
