using Lowbit.Export.Interpretation;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>A network in an ONNX file (QONNX, QCDQ or float, written by Lowbit or others), ready to run.</summary>
public sealed class OnnxNetwork : IDisposable
{
    readonly IOnnxEngine engine;

    OnnxNetwork(IOnnxEngine engine) => this.engine = engine;

    /// <summary>Reads a file for an engine.</summary>
    /// <exception cref="LowbitException">The file is damaged, or has nodes that the engine does not know.</exception>
    public static OnnxNetwork Load(string path, OnnxEngine engine = OnnxEngine.Automatic) => new(Open(OnnxModel.Read(path), engine));

    /// <summary>The file's output for each image, float64 [N, classes], on the CPU.</summary>
    /// <param name="images">[N, C, H, W] of any number type, as many as one likes whatever the batch of the file.</param>
    /// <exception cref="LowbitException">The file takes images of another size, or a node cannot be computed.</exception>
    public Tensor Run(Tensor images)
    {
        NdArray output = engine.Run(ToArray(images));
        return tensor(output.Data, [.. output.Shape.Select(size => (long)size)]);
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    internal static IOnnxEngine Open(OnnxModel model, OnnxEngine engine) => engine switch
    {
        OnnxEngine.Interpreter => new Interpreter(model),
        OnnxEngine.Automatic when model.IsQonnx => new Interpreter(model),
        _ => new OnnxRuntimeEngine(model, optimize: engine != OnnxEngine.OnnxRuntimePlain),
    };

    internal static NdArray ToArray(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new([.. tensor.shape.Select(size => (int)size)], tensor.detach().cpu().to(float64).contiguous().data<double>().ToArray());
    }
}
