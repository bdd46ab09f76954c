using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace Lowbit.Export.Writing;

/// <summary>Appends nodes and constants to a graph of ONNX; a node and the tensor that it makes have the same name.</summary>
/// <param name="nodes">The nodes of a graph or a function.</param>
/// <param name="initializers">The constants of a graph; null for a function, which has none.</param>
/// <param name="isNamed">Whether nodes have names, those of their outputs, which small files leave out.</param>
sealed class OnnxGraphWriter(ICollection<NodeProto> nodes, ICollection<TensorProto>? initializers, bool isNamed)
{
    /// <summary>A writer of a graph.</summary>
    public OnnxGraphWriter(GraphProto graph) : this(graph.Node, graph.Initializer, isNamed: true)
    {
    }

    /// <summary>Appends a node of one output.</summary>
    /// <param name="kind">Its operator.</param>
    /// <param name="name">Its name and its output's.</param>
    /// <param name="inputs">The tensors it reads.</param>
    /// <param name="attributes">Numbers, texts and lists of numbers by name.</param>
    /// <param name="domain">The operator's domain; the standard's own is empty.</param>
    /// <returns>The output's name.</returns>
    public string Node(string kind, string name, IEnumerable<string> inputs, IEnumerable<(string Name, object Value)>? attributes = null, string domain = "")
    {
        var node = new NodeProto { OpType = kind, Name = isNamed ? name : "", Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        node.Attribute.AddRange((attributes ?? []).Select(attribute => Attribute(attribute.Name, attribute.Value)));
        nodes.Add(node);
        return name;
    }

    /// <summary>Appends a constant of float32 values in row-major order.</summary>
    public string Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, ElementType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Appends a float32 constant that is a single number.</summary>
    public string Scalar(string name, double value) => Floats(name, [(float)value]);

    /// <summary>Appends a constant of any type from its bytes.</summary>
    public string Constant(string name, ElementType type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        initializers!.Add(Tensor(name, type, bytes, shape));
        return name;
    }

    /// <summary>Appends a constant of int64 values, such as a shape.</summary>
    public string Integers(string name, params ReadOnlySpan<long> values) => Constant(name, ElementType.Int64, MemoryMarshal.AsBytes(values), values.Length);

    /// <summary>Appends a constant as a node, as functions have it.</summary>
    public string Value(string name, ElementType type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape) =>
        Node("Constant", name, [], [("value", Tensor(name, type, bytes, shape))]);

    /// <summary>Appends a constant of one int64 value as a node.</summary>
    public string Value(string name, long value) => Value(name, ElementType.Int64, MemoryMarshal.AsBytes([value]), 1);

    static TensorProto Tensor(string name, ElementType type, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    static AttributeProto Attribute(string name, object value) => value switch
    {
        int number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        double number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)number },
        string text => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text) },
        TensorProto tensor => new() { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = tensor },
        int[] numbers => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers.Select(n => (long)n) } },
        _ => throw new ArgumentException($"{name} cannot be an attribute", nameof(value)),
    };
}
