using Google.Protobuf;
using Lowbit.Export.Folding;
using Lowbit.Runtime;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// Runs the layers of a folded file by ONNX Runtime, optimized, each given the integer network's values instead of those that the file computes before it: so an integer
/// that differs is one that this very layer rounds otherwise.
/// </summary>
sealed class LayerTrace : IDisposable
{
    const string Given = "given.";

    readonly InferenceSession session;
    readonly (string Node, WrittenInteger Value, long[] Shape)[] values;
    readonly int? batch;

    /// <param name="folded">What was written.</param>
    /// <param name="path">The file.</param>
    /// <param name="batch">Images that the file takes at a time; null for any number.</param>
    public LayerTrace(FoldedNetwork folded, string path, int? batch)
    {
        this.batch = batch;
        values = [.. folded.Values.Select(entry => (entry.Key, entry.Value, ShapeOf(folded.Integers.ValueOf(entry.Key).Shape, entry.Value))).DistinctBy(entry => entry.Value.Bytes)];
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var names = values.Select(entry => entry.Value.Bytes).ToHashSet();
        foreach (NodeProto node in model.Graph.Node)
            for (int i = 0; i < node.Input.Count; i++)
                if (names.Contains(node.Input[i])) node.Input[i] = Given + node.Input[i];
        foreach (var (_, value, shape) in values)
        {
            var type = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Uint8, Shape = new() };
            type.Shape.Dim.Add(model.Graph.Input[0].Type.TensorType.Shape.Dim[0]);
            type.Shape.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
            model.Graph.Input.Add(new ValueInfoProto { Name = Given + value.Bytes, Type = new() { TensorType = type } });
            model.Graph.Output.Add(new ValueInfoProto { Name = value.Bytes });
        }
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        session = new(model.ToByteArray(), options);
    }

    /// <summary>Counts the integers of each value, and those that are not the integer network's.</summary>
    /// <param name="images">[N, C, H, W], float32, as the file takes them.</param>
    /// <param name="expected">The integer network's values, by node.</param>
    /// <returns>By the integer network's node.</returns>
    public IEnumerable<(string Node, long Integers, long Differing)> Count(Tensor images, IReadOnlyDictionary<string, int[]> expected)
    {
        long count = images.shape[0], size = batch ?? count;
        var counts = new (string Node, long Integers, long Differing)[values.Length];
        for (long first = 0; first < count; first += size)
        {
            int given = (int)Math.Min(size, count - first);
            using var scope = NewDisposeScope();
            Tensor part = images.narrow(0, first, given);
            if (given < size) part = cat([part, zeros([size - given, .. images.shape[1..]])], 0);
            var inputs = new List<OrtValue> { OrtValue.CreateTensorValueFromMemory(part.contiguous().data<float>().ToArray(), part.shape) };
            try
            {
                inputs.AddRange(values.Select(entry => OrtValue.CreateTensorValueFromMemory(BytesOf(entry, first, given, size), [size, .. entry.Shape])));
                using var options = new RunOptions();
                using var outputs = session.Run(options, [ExportOptions.InputName, .. values.Select(entry => Given + entry.Value.Bytes)], inputs, [.. values.Select(entry => entry.Value.Bytes)]);
                for (int i = 0; i < values.Length; i++)
                {
                    var (node, value, _) = values[i];
                    ReadOnlySpan<byte> actual = outputs[i].GetTensorDataAsSpan<byte>();
                    int elements = (int)(actual.Length / size), differing = 0, from = (int)first * elements;
                    for (int k = 0; k < given * elements; k++) differing += actual[k] - value.ZeroPoint == expected[node][from + k] ? 0 : 1;
                    counts[i] = (node, counts[i].Integers + given * elements, counts[i].Differing + differing);
                }
            }
            finally
            {
                foreach (OrtValue input in inputs) input.Dispose();
            }
        }
        return counts;

        byte[] BytesOf((string Node, WrittenInteger Value, long[] Shape) entry, long first, int given, long size)
        {
            int elements = (int)entry.Shape.Aggregate((a, b) => a * b);
            byte[] bytes = new byte[size * elements];
            for (int k = 0; k < given * elements; k++) bytes[k] = (byte)(expected[entry.Node][first * elements + k] + entry.Value.ZeroPoint);
            return bytes;
        }
    }

    static long[] ShapeOf(ValueShape shape, WrittenInteger value) => value.IsFlat ? [shape.Channels] : [shape.Channels, shape.Height, shape.Width];

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
