using Lowbit.Data;
using Lowbit.Export.Interpretation;
using Lowbit.Export.Verification;
using Lowbit.Graphs;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>A network in an ONNX file (QONNX, QCDQ or float, written by Lowbit or others), ready to run.</summary>
public sealed class OnnxNetwork : IDisposable
{
    readonly OnnxModel model;
    readonly IOnnxEngine engine;

    readonly OnnxRunOptions options;
    TieFlips? ties;

    OnnxNetwork(OnnxModel model, OnnxRunOptions options) => (this.model, this.options, engine) = (model, options, Open(model, options));

    /// <summary>Reads a file for an engine.</summary>
    /// <exception cref="LowbitException">The file is damaged, or has nodes that the engine does not know.</exception>
    public static OnnxNetwork Load(string path, OnnxEngine engine = OnnxEngine.Automatic) => Load(path, new OnnxRunOptions { Engine = engine });

    /// <summary>Reads a file for an engine.</summary>
    /// <exception cref="LowbitException">The file is damaged, has nodes that the engine does not know, or needs more than its budget.</exception>
    public static OnnxNetwork Load(string path, OnnxRunOptions options) => new(OnnxModel.Read(path), options);

    /// <summary>The file's output for each image, float64 [N, classes], on the CPU.</summary>
    /// <param name="images">[N, C, H, W] of any number type, as many as one likes whatever the batch of the file.</param>
    /// <param name="classes">How many classes there are, which tells several outputs apart; null where that is not known.</param>
    /// <exception cref="LowbitException">The file takes images of another size or type, a node cannot be computed, or none of several outputs is the one.</exception>
    public Tensor Run(Tensor images, int? classes = null)
    {
        var array = ToArray(images);
        CheckValues(array);
        NdArray output = engine.Run(array, classes);
        if (output.Count == 0 && images.shape[0] > 0) throw new LowbitException($"{model.Path} cannot be used: it gives no values for an image");
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
            Tensor logits = Run(scale(images), data.Classes.Count);
            return logits.shape[1] == data.Classes.Count
                ? logits
                : throw new LowbitException($"{model.Path} gives {logits.shape[^1]} {(logits.shape[^1] == 1 ? "value" : "values")} for each image; {data.Name} has {data.Classes.Count} classes");
        }
    }

    /// <summary>Whether an image's logits are the expected ones when one value that lies at a rounding tie is rounded the other way; false where the interpreter does not know the file.</summary>
    internal bool HangsOnTie(Tensor image, double[] expected, double tolerance)
    {
        try
        {
            ties ??= new TieFlips(model, options);
            return ties.Explain(ToArray(image), expected, tolerance);
        }
        catch (LowbitException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    /// <summary>What a file says that is worth a word to who runs it, a sentence each.</summary>
    public IReadOnlyList<string> Notices => FractionalBits.In(model);

    /// <summary>What the file says of itself beside its graph, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => model.Metadata;

    /// <summary>The shape of one image, channels first, where the file says it; null where it leaves it open.</summary>
    public Shape? ImageShape => InputLayout.ImageOf(model);

    /// <summary>Whether the output is a softmax already, so that its values are probabilities.</summary>
    public bool EndsInSoftmax
    {
        get
        {
            string[] read = options.Output is { } chosen ? [chosen] : [.. model.Outputs.Select(output => output.Name)];
            return model.Nodes.Where(node => node.Outputs.Any(read.Contains)).All(node => node.Kind == "Softmax");
        }
    }

    /// <summary>What becomes of raw pixels before the file takes them, as a function and as a phrase.</summary>
    /// <param name="scaling">What the file expects.</param>
    /// <param name="image">The shape of one image.</param>
    internal (Func<Tensor, Tensor> Scale, string Phrase) ScalingFor(PixelScaling scaling, Shape image)
    {
        scaling = PixelScalings.Of(scaling, model);
        return (PixelScalings.Create(scaling, model, DatasetInfo.Photographs(image)), scaling switch
        {
            PixelScaling.Pixels => "values of 0 to 255",
            PixelScaling.Unit => "values of 0 to 1",
            _ => model.Metadata.ContainsKey("normalization_mean") ? "values normalized as the file says" : "values normalized by ImageNet's mean and deviation",
        });
    }

    static IOnnxEngine Open(OnnxModel model, OnnxRunOptions options)
    {
        RuntimeTensor.Check(model);
        return options.Engine switch
        {
            OnnxEngine.Interpreter => new Interpreter(model, options.Output, options.Budget),
            OnnxEngine.Automatic when model.IsQonnx => new Interpreter(model, options.Output, options.Budget),
            _ => new OnnxRuntimeEngine(model, optimize: options.Engine != OnnxEngine.OnnxRuntimePlain, options.Output, options.Budget),
        };
    }

    /// <summary>A file of integers takes whole numbers of their range only: pixels, not what was made of them.</summary>
    void CheckValues(NdArray images)
    {
        if (!model.InputType.IsInteger()) return;
        var (low, high) = model.InputType.Range();
        foreach (double value in images.Data)
            if (!(value >= low && value <= high && value == Math.Truncate(value)))
                throw new LowbitException(FormattableString.Invariant(
                    $"{model.Path} takes integers of type {model.InputType}, {low} to {high}, and a value of these images is {value:G6}; raw pixels (--input pixels) are integers from 0 to 255"));
    }

    internal static NdArray ToArray(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new([.. tensor.shape.Select(size => (int)size)], tensor.detach().cpu().to(float64).contiguous().data<double>().ToArray());
    }
}
