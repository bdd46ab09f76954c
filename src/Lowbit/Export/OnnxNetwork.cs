using Lowbit.Data;
using Lowbit.Export.Interpretation;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>A network in an ONNX file (QONNX, QCDQ or float, written by Lowbit or others), ready to run.</summary>
public sealed class OnnxNetwork : IDisposable
{
    readonly OnnxModel model;
    readonly IOnnxEngine engine;

    OnnxNetwork(OnnxModel model, IOnnxEngine engine) => (this.model, this.engine) = (model, engine);

    /// <summary>Reads a file for an engine.</summary>
    /// <exception cref="LowbitException">The file is damaged, or has nodes that the engine does not know.</exception>
    public static OnnxNetwork Load(string path, OnnxEngine engine = OnnxEngine.Automatic)
    {
        var model = OnnxModel.Read(path);
        return new(model, Open(model, engine));
    }

    /// <summary>The file's output for each image, float64 [N, classes], on the CPU.</summary>
    /// <param name="images">[N, C, H, W] of any number type, as many as one likes whatever the batch of the file.</param>
    /// <exception cref="LowbitException">The file takes images of another size, or a node cannot be computed.</exception>
    public Tensor Run(Tensor images)
    {
        NdArray output = engine.Run(ToArray(images));
        return tensor(output.Data, [.. output.Shape.Select(size => (long)size)]);
    }

    /// <summary>How the network does on images.</summary>
    /// <param name="batches">The images, raw, with their labels; each batch is disposed when it is done.</param>
    /// <param name="data">What the images are.</param>
    /// <param name="loss">The loss of the score.</param>
    /// <param name="scaling">What the file expects of the pixels.</param>
    /// <exception cref="LowbitException">The file takes other images, tells fewer classes apart, or a node cannot be computed.</exception>
    public Evaluation Evaluate(IEnumerable<Batch> batches, DatasetInfo data, Loss loss, PixelScaling scaling = PixelScaling.Automatic)
    {
        ClassLists.RequireSame(model.Metadata, data, model.Path);
        var scale = PixelScalings.Create(scaling, model, data);
        return Evaluation.Of(Logits, batches, loss, CPU);

        Tensor Logits(Tensor images)
        {
            Tensor logits = Run(scale(images));
            return logits.dim() == 2 && logits.shape[1] >= data.Classes.Count
                ? logits
                : throw new LowbitException($"{model.Path} gives {logits.shape[^1]} values for each image; {data.Name} has {data.Classes.Count} classes");
        }
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
