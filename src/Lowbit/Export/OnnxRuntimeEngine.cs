using Lowbit.Export.Interpretation;
using Microsoft.ML.OnnxRuntime;

namespace Lowbit.Export;

/// <summary>Runs standard ONNX files by ONNX Runtime, in single precision, as a user's program would.</summary>
sealed class OnnxRuntimeEngine : IOnnxEngine
{
    /// <summary>Images at a time where the file leaves the batch open.</summary>
    const int OpenBatch = 32;

    readonly OnnxModel model;
    readonly InferenceSession session;

    /// <param name="model">The file.</param>
    /// <param name="optimize">
    /// Whether ONNX Runtime may fuse nodes; it then computes quantized convolutions in integers, which can differ by one quantization
    /// step.
    /// </param>
    public OnnxRuntimeEngine(OnnxModel model, bool optimize)
    {
        this.model = model;
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        session = Translated(() => new InferenceSession(model.Path, options));
    }

    public NdArray Run(NdArray images)
    {
        int[] shape = model.InputShape(images.Shape);
        bool open = model.HasOpenBatch;
        int count = images.Shape[0], imageSize = images.Count / Math.Max(1, count);
        var logits = new List<double>();
        int outputSize = 0;
        for (int done = 0; done < count;)
        {
            int given = Math.Min(open ? OpenBatch : shape[0], count - done);
            shape[0] = open ? given : shape[0];
            var input = new float[NdArray.CountOf(shape)];
            for (int i = 0; i < given * imageSize; i++)
                input[i] = (float)images.Data[done * imageSize + i];
            float[] output = Translated(() => RunOnce(input, shape));
            outputSize = output.Length / shape[0];
            logits.AddRange(output.Take(given * outputSize).Select(value => (double)value));
            done += given;
        }
        return new NdArray([count, outputSize], [.. logits]);
    }

    float[] RunOnce(float[] input, int[] shape)
    {
        using var options = new RunOptions();
        using var images = OrtValue.CreateTensorValueFromMemory(input, [.. shape.Select(size => (long)size)]);
        using var outputs = session.Run(options, [model.Input.Name], [images], [model.Output.Name]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    T Translated<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (OnnxRuntimeException problem)
        {
            throw new LowbitException($"{model.Path} cannot be run by ONNX Runtime: {problem.Message.TrimEnd('.', '\n')}", problem);
        }
    }

    public void Dispose() => session.Dispose();
}
