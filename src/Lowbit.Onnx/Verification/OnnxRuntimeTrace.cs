using Google.Protobuf;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Lowbit.Export.Verification;

/// <summary>Runs a standard ONNX file by ONNX Runtime and shows the integers of its quantizers.</summary>
sealed class OnnxRuntimeTrace : IDisposable
{
    readonly InferenceSession session;
    readonly Network exact;
    readonly Dictionary<string, string> outputOf;
    readonly int? batch;

    /// <param name="path">The file.</param>
    /// <param name="optimize">Whether ONNX Runtime may fuse nodes.</param>
    /// <param name="exact">The network in double precision, whose quantizers they are.</param>
    /// <param name="batch">Images that the file takes at a time; null for any number.</param>
    public OnnxRuntimeTrace(string path, bool optimize, Network exact, int? batch)
    {
        (this.exact, this.batch) = (exact, batch);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var integersOf = model.Graph.Node.Where(node => node.OpType == "DequantizeLinear").ToDictionary(node => node.Output[0], node => node.Input[0]);
        outputOf = exact.Graph.Nodes.OfType<Quantize>().ToDictionary(quantizer => quantizer.Name, quantizer => integersOf.GetValueOrDefault(quantizer.Name, quantizer.Name));
        model.Graph.Output.AddRange(outputOf.Values.Select(name => new ValueInfoProto { Name = name }));
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        session = new(model.ToByteArray(), options);
    }

    /// <summary>The integers of each quantizer for float32 images, as float64 in the caller's scope.</summary>
    public Dictionary<string, Tensor> IntegersOf(Tensor images)
    {
        long count = images.shape[0], size = batch ?? count;
        var runs = Enumerable.Range(0, (int)((count + size - 1) / size)).Select(i => RunOnce(Filled(images.narrow(0, i * size, Math.Min(size, count - i * size)), size))).ToArray();
        return outputOf.Keys.Select((name, i) => (name, Integers(name, cat([.. runs.Select(run => run[i])], 0).narrow(0, 0, count)))).ToDictionary(pair => pair.name, pair => pair.Item2);
    }

    /// <summary>What a file says of a quantizer: its integers or, where the format has none, its values.</summary>
    Tensor Integers(string quantizer, Tensor output)
    {
        if (outputOf[quantizer] != quantizer) return output;
        var (scale, zeroPoint) = exact.ActivationOf(quantizer).EvaluationScale;
        return QuantizerLevels.Of(output, scale, zeroPoint).round();
    }

    static Tensor Filled(Tensor images, long size) => images.shape[0] == size ? images : cat([images, zeros([size - images.shape[0], .. images.shape[1..]])], 0);

    Tensor[] RunOnce(Tensor images)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.contiguous().data<float>().ToArray(), images.shape);
        using var outputs = session.Run(options, [ExportOptions.InputName], [input], [.. outputOf.Values]);
        return [.. outputs.Select(ToTensor)];
    }

    static Tensor ToTensor(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        double[] values = info.ElementDataType switch
        {
            TensorElementType.UInt8 => [.. value.GetTensorDataAsSpan<byte>().ToArray().Select(integer => (double)integer)],
            TensorElementType.Int8 => [.. value.GetTensorDataAsSpan<sbyte>().ToArray().Select(integer => (double)integer)],
            _ => [.. value.GetTensorDataAsSpan<float>().ToArray().Select(number => (double)number)],
        };
        return tensor(values, info.Shape);
    }

    public void Dispose() => session.Dispose();
}
