using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>Runs a standard ONNX file by ONNX Runtime and shows the integers of its quantizers.</summary>
sealed class OnnxRuntimeTrace : IDisposable
{
    readonly InferenceSession session;
    readonly Dictionary<string, string> outputOf;
    readonly int? batch;

    /// <param name="path">The file.</param>
    /// <param name="optimize">Whether ONNX Runtime may fuse nodes.</param>
    /// <param name="quantizers">The names of the quantizers.</param>
    /// <param name="batch">Images that the file takes at a time; null for any number.</param>
    public OnnxRuntimeTrace(string path, bool optimize, IEnumerable<string> quantizers, int? batch)
    {
        this.batch = batch;
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var integersOf = model.Graph.Node.Where(node => node.OpType == "DequantizeLinear").ToDictionary(node => node.Output[0], node => node.Input[0]);
        outputOf = quantizers.ToDictionary(name => name, name => integersOf[name]);
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
        return outputOf.Keys.Select((name, i) => (name, cat([.. runs.Select(run => run[i])], 0).narrow(0, 0, count))).ToDictionary(pair => pair.name, pair => pair.Item2);
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
        double[] values = info.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8
            ? [.. value.GetTensorDataAsSpan<byte>().ToArray().Select(integer => (double)integer)]
            : [.. value.GetTensorDataAsSpan<sbyte>().ToArray().Select(integer => (double)integer)];
        return tensor(values, info.Shape);
    }

    public void Dispose() => session.Dispose();
}
