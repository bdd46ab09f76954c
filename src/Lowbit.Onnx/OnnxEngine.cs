namespace Lowbit.Export;

/// <summary>What runs an ONNX file.</summary>
public enum OnnxEngine
{
    /// <summary>The interpreter for QONNX, ONNX Runtime for standard ONNX.</summary>
    Automatic,

    /// <summary>Lowbit's own reference: node by node, in double precision.</summary>
    Interpreter,

    /// <summary>ONNX Runtime with all its optimizations, as programs use it; quantized convolutions may run in integers and differ by one quantization step.</summary>
    OnnxRuntime,

    /// <summary>ONNX Runtime without graph optimizations: node by node, in single precision.</summary>
    OnnxRuntimePlain,
}
