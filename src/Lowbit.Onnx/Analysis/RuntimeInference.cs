using System.Collections.Concurrent;
using Google.Protobuf;
using Lowbit.Export.Interpretation;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Lowbit.Export.Analysis;

/// <summary>
/// What ONNX Runtime says of the outputs of one node, asked of a graph that holds this node alone: so every operator that it runs is known,
/// and nothing is computed.
/// </summary>
static class RuntimeInference
{
    /// <summary>Questions that are asked often, as by repeated blocks.</summary>
    static readonly ConcurrentDictionary<ByteString, TensorFact[]> Answers = new();

    const int MostAnswers = 4096;

    /// <param name="node">The node; its graphs must not read what is around them.</param>
    /// <param name="inputs">What is known of its inputs; null where one is left out.</param>
    /// <param name="imports">The versions of operators.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not know the operator, or not for such inputs.</exception>
    public static TensorFact[] Infer(NodeProto node, IReadOnlyList<TensorFact?> inputs, IEnumerable<OperatorSetIdProto> imports)
    {
        var model = Alone(node, inputs, imports);
        var question = model.ToByteString();
        if (Answers.TryGetValue(question, out var known)) return known;
        TensorFact[] answer = [.. Ask(model, node).Select((fact, i) => fact.Shape is [] && !IsScalar(model, node, i, fact) ? fact with { Shape = null } : fact)];
        if (Answers.Count >= MostAnswers) Answers.Clear();
        return Answers[question] = answer;
    }

    /// <summary>
    /// ONNX Runtime answers alike for a single number and for a shape that it does not know. Only the latter takes on the one axis that is said here.
    /// </summary>
    static bool IsScalar(ModelProto model, NodeProto node, int output, TensorFact fact)
    {
        var said = model.Clone();
        var declared = said.Graph.Output.Single(value => value.Name == $"o{output}");
        declared.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)fact.Type!.Value, Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "any" } } } } };
        try
        {
            return Ask(said, node, nullForOpen: false)[output].Shape is [];
        }
        catch (OnnxRuntimeException)
        {
            return true;
        }
    }

    static TensorFact[] Ask(ModelProto model, NodeProto node, bool nullForOpen = true)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            EnableCpuMemArena = false,
        };
        using var session = new InferenceSession(model.ToByteArray(), options);
        return [.. node.Output.Select((output, i) => output is "" ? TensorFact.Unknown : Fact(session.OutputMetadata[$"o{i}"], nullForOpen))];
    }

    static ModelProto Alone(NodeProto node, IReadOnlyList<TensorFact?> inputs, IEnumerable<OperatorSetIdProto> imports)
    {
        var alone = node.Clone();
        alone.Name = "node";
        var graph = new GraphProto { Name = "graph", Node = { alone } };
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is not { } input) continue;
            alone.Input[i] = $"i{i}";
            if (input.Value is { } value && MakesSizes(node, value) && Stored($"i{i}", value) is { } tensor) graph.Initializer.Add(tensor);
            else graph.Input.Add(Info($"i{i}", input));
        }
        for (int i = 0; i < alone.Output.Count; i++)
        {
            if (alone.Output[i] is "") continue;
            alone.Output[i] = $"o{i}";
            graph.Output.Add(new ValueInfoProto { Name = alone.Output[i] });
        }
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { imports } };
    }

    /// <summary>Whether an input's values may decide about sizes; all others would only make the same question another one.</summary>
    static bool MakesSizes(NodeProto node, NdArray value) => value.Count <= 1024 && (value.Type switch
    {
        ElementType.Int64 or ElementType.Int32 => true,
        _ => node.OpType is "Resize" or "Upsample" or "Range",
    });

    static ValueInfoProto Info(string name, TensorFact fact)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)(fact.Type ?? ElementType.Float) };
        if (fact.Shape is not null)
            type.Shape = new TensorShapeProto { Dim = { fact.Shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }

    /// <summary>Values as a file holds them, of the types that sizes, axes and scales have.</summary>
    static TensorProto? Stored(string name, NdArray value)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)value.Type, Dims = { value.Shape.Select(size => (long)size) } };
        switch (value.Type)
        {
            case ElementType.Int64: tensor.Int64Data.AddRange(value.Data.Select(number => (long)number)); return tensor;
            case ElementType.Float: tensor.FloatData.AddRange(value.Data.Select(number => (float)number)); return tensor;
            case ElementType.Double: tensor.DoubleData.AddRange(value.Data); return tensor;
            case ElementType.Int32 or ElementType.Bool or ElementType.Int8 or ElementType.Uint8 or ElementType.Int16 or ElementType.Uint16:
                tensor.Int32Data.AddRange(value.Data.Select(number => (int)number));
                return tensor;
            default: return null;
        }
    }

    static TensorFact Fact(NodeMetadata output, bool nullForOpen)
    {
        if (!output.IsTensor) return TensorFact.Unknown;
        var type = (ElementType)(int)output.ElementDataType;
        return new(type, !nullForOpen || output.Dimensions.All(size => size >= 0) ? output.Dimensions : null);
    }
}
