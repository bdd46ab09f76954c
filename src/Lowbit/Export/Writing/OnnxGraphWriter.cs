using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace Lowbit.Export.Writing;

/// <summary>Appends nodes and constants to a graph of ONNX; a node and the tensor that it makes have the same name.</summary>
sealed class OnnxGraphWriter(GraphProto graph)
{
    /// <summary>Appends a node of one output.</summary>
    /// <param name="kind">Its operator.</param>
    /// <param name="name">Its name and its output's.</param>
    /// <param name="inputs">The tensors it reads.</param>
    /// <param name="attributes">Numbers, texts and lists of numbers by name.</param>
    /// <param name="domain">The operator's domain; the standard's own is empty.</param>
    /// <returns>The output's name.</returns>
    public string Node(string kind, string name, IEnumerable<string> inputs, IEnumerable<(string Name, object Value)>? attributes = null, string domain = "")
    {
        var node = new NodeProto { OpType = kind, Name = name, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        node.Attribute.AddRange((attributes ?? []).Select(attribute => Attribute(attribute.Name, attribute.Value)));
        graph.Node.Add(node);
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
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    static AttributeProto Attribute(string name, object value) => value switch
    {
        int number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        double number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)number },
        string text => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text) },
        int[] numbers => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers.Select(n => (long)n) } },
        _ => throw new ArgumentException($"{name} cannot be an attribute", nameof(value)),
    };
}
