using Lowbit.Export.Interpretation;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lowbit.Export;

/// <summary>Tensors as ONNX Runtime holds them, in whatever type the file gives them.</summary>
static class RuntimeTensor
{
    /// <exception cref="LowbitException">Numbers are not what the file takes.</exception>
    public static void Check(OnnxModel model)
    {
        if (!Writers.ContainsKey(model.InputType))
            throw new LowbitException($"{model.Path} cannot be run: its input {model.Input.Name} is of type {model.InputType}, which no image is");
    }

    static readonly Dictionary<ElementType, Func<double[], long[], OrtValue>> Writers = new()
    {
        [ElementType.Float] = Writer(value => (float)value),
        [ElementType.Double] = Writer(value => value),
        [ElementType.Float16] = Writer(value => (Float16)(float)value),
        [ElementType.Bfloat16] = Writer(value => (BFloat16)(float)value),
        [ElementType.Uint8] = Writer(value => (byte)value),
        [ElementType.Int8] = Writer(value => (sbyte)value),
        [ElementType.Uint16] = Writer(value => (ushort)value),
        [ElementType.Int16] = Writer(value => (short)value),
        [ElementType.Uint32] = Writer(value => (uint)value),
        [ElementType.Int32] = Writer(value => (int)value),
        [ElementType.Uint64] = Writer(value => (ulong)value),
        [ElementType.Int64] = Writer(value => (long)value),
    };

    /// <summary>The values in the array's type; they are checked to fit it.</summary>
    public static OrtValue Of(NdArray array) => Writers[array.Type](array.Data, [.. array.Shape.Select(size => (long)size)]);

    /// <summary>An output's values.</summary>
    /// <exception cref="LowbitException">They are not numbers.</exception>
    public static NdArray Read(OrtValue value, string name, string path)
    {
        if (value.OnnxType != OnnxValueType.ONNX_TYPE_TENSOR) throw Refused("no tensor");
        var info = value.GetTensorTypeAndShape();
        double[] data = info.ElementDataType switch
        {
            TensorElementType.Float => Values<float>(value, number => number),
            TensorElementType.Double => Values<double>(value, number => number),
            TensorElementType.Float16 => Values<Float16>(value, number => (float)number),
            TensorElementType.BFloat16 => Values<BFloat16>(value, number => (float)number),
            TensorElementType.UInt8 => Values<byte>(value, number => number),
            TensorElementType.Int8 => Values<sbyte>(value, number => number),
            TensorElementType.UInt16 => Values<ushort>(value, number => number),
            TensorElementType.Int16 => Values<short>(value, number => number),
            TensorElementType.UInt32 => Values<uint>(value, number => number),
            TensorElementType.Int32 => Values<int>(value, number => number),
            TensorElementType.UInt64 => Values<ulong>(value, number => number),
            TensorElementType.Int64 => Values<long>(value, number => number),
            TensorElementType.Bool => Values<bool>(value, flag => flag ? 1 : 0),
            var other => throw Refused($"of type {other}"),
        };
        return new NdArray([.. info.Shape.Select(size => (int)size)], data, (ElementType)(int)info.ElementDataType);

        LowbitException Refused(string what) => new($"{path} cannot be run: its output {name} is {what}; numbers are expected");
    }

    static Func<double[], long[], OrtValue> Writer<T>(Func<double, T> convert) where T : unmanaged =>
        (values, shape) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => convert(value)), shape);

    static double[] Values<T>(OrtValue value, Func<T, double> convert) where T : unmanaged
    {
        var values = value.GetTensorDataAsSpan<T>();
        double[] result = new double[values.Length];
        for (int i = 0; i < result.Length; i++) result[i] = convert(values[i]);
        return result;
    }
}
