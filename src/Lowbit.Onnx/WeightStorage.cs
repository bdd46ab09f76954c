namespace Lowbit.Export;

/// <summary>How a standard ONNX file holds the integers of weights.</summary>
public enum WeightStorage
{
    /// <summary>A byte each.</summary>
    Int8,

    /// <summary>Four bits each, multiplied and cast to a byte when the file is loaded (opset 21); weights of more bits a byte each.</summary>
    Int4,

    /// <summary>Their own 1 to 8 bits, packed, and unpacked by standard operators when the file is loaded (opset 18).</summary>
    Bits,
}
