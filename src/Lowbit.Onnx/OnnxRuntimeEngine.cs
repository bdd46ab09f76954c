using Lowbit.Export.Analysis;
using Lowbit.Export.Interpretation;
using Microsoft.ML.OnnxRuntime;

namespace Lowbit.Export;

/// <summary>Runs standard ONNX files by ONNX Runtime, in single precision, as a user's program would.</summary>
sealed class OnnxRuntimeEngine : IOnnxEngine
{
    /// <summary>Images at a time where the file leaves the batch open.</summary>
    const int OpenBatch = 32;

    readonly OnnxModel model;
    readonly bool optimize;
    readonly OnnxBudget budget;
    readonly IReadOnlyList<string> candidates;
    InferenceSession? session;

    /// <param name="model">The file.</param>
    /// <param name="optimize">
    /// Whether ONNX Runtime may fuse nodes; it then computes quantized convolutions in integers, which can differ by one quantization
    /// step.
    /// </param>
    /// <param name="output">The name of the output to read; null to choose.</param>
    /// <param name="budget">What it may take.</param>
    /// <exception cref="LowbitException">ONNX Runtime does not know one of the nodes, or the file needs more than the budget.</exception>
    public OnnxRuntimeEngine(OnnxModel model, bool optimize, string? output = null, OnnxBudget? budget = null)
    {
        (this.model, this.optimize, this.budget) = (model, optimize, budget ?? OnnxBudget.Default);
        candidates = OutputChoice.Candidates(model, output);
        if (model.IsQonnx)
            throw new LowbitException($"{model.Path} cannot be run by ONNX Runtime: it has operators of QONNX, which the interpreter knows");
        // Where the sizes are known a file that cannot be run is told before its images are read.
        if (model.InputSizes is [_, .. var sizes] && sizes.All(size => size > 0) && !model.TakesNothing) Prepare([Math.Max(1, model.InputSizes[0]), .. sizes], images: 1);
    }

    public NdArray Run(NdArray images, int? classes = null)
    {
        var layout = InputLayout.Of(model, images.Shape);
        images = layout.Arrange(images);
        bool open = model.HasOpenBatch;
        int count = images.Shape[0], imageSize = images.Count / Math.Max(1, count);
        int atATime = Prepare(layout.Shape, count);
        var logits = new List<double>();
        string? output = null;
        int outputSize = 0;
        for (int done = 0; done < count;)
        {
            int given = Math.Min(open ? atATime : layout.Shape[0], count - done);
            int[] shape = [open ? given : layout.Shape[0], .. layout.Shape[1..]];
            var input = NdArray.Zeros(shape, model.InputType);
            images.Data.AsSpan(done * imageSize, given * imageSize).CopyTo(input.Data);
            var outputs = Translated(() => RunOnce(input, output is null ? candidates : [output]));
            output ??= OutputChoice.Choose(model, [.. candidates.Select((name, i) => (name, outputs[i].Shape))], shape[0], classes);
            var values = outputs[outputs.Count == 1 ? 0 : candidates.ToList().IndexOf(output)];
            outputSize = values.Count / shape[0];
            logits.AddRange(values.Data.Take(given * outputSize));
            done += given;
        }
        return new NdArray([count, outputSize], [.. logits]);
    }

    /// <summary>Makes the session, once what it takes is counted.</summary>
    /// <param name="input">The shape of the input, of one image where the file leaves the number open.</param>
    /// <param name="images">Images that are going to be run.</param>
    /// <returns>How many images there is room for at a time.</returns>
    int Prepare(int[] input, int images)
    {
        var counted = new FactBudget(budget, Math.Clamp(images, 1, input[0]));
        GraphFacts.Of(model, input, counted);
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        session ??= Translated(() => new InferenceSession(model.Path, options));
        return (int)Math.Clamp((budget.Memory - counted.ConstantBytes) / Math.Max(1, counted.Peak), 1, OpenBatch);
    }

    List<NdArray> RunOnce(NdArray input, IReadOnlyList<string> names)
    {
        using var options = new RunOptions();
        using var images = RuntimeTensor.Of(input);
        using var outputs = session!.Run(options, [model.Input.Name], [images], names);
        return [.. outputs.Select((value, i) => RuntimeTensor.Read(value, names[i], model.Path))];
    }

    T Translated<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (OnnxRuntimeException problem)
        {
            throw new LowbitException($"{model.Path} cannot be run: {NodeInference.OneLine(problem.Message)}", problem);
        }
    }

    public void Dispose() => session?.Dispose();
}
