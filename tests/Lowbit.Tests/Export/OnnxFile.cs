using Google.Protobuf;
using Onnx;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>Small ONNX files for tests: one input x, nodes, and the last node's output.</summary>
sealed class OnnxFile : IDisposable
{
    readonly ModelProto model = new() { IrVersion = 8, ProducerName = "tests", Graph = new GraphProto { Name = "test" } };

    public OnnxFile(long[] inputShape, long opset = 21)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        model.Graph.Input.Add(Tensor("x", inputShape));
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    public ModelProto Model => model;

    public OnnxFile Import(string domain, long version)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return this;
    }

    public OnnxFile Constant(string name, long[] shape, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Float };
        tensor.Dims.AddRange(shape);
        tensor.FloatData.AddRange(values);
        model.Graph.Initializer.Add(tensor);
        return this;
    }

    public OnnxFile Integers(string name, ElementType type, long[] shape, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(shape);
        if (type == ElementType.Int64)
            tensor.Int64Data.AddRange(values);
        else
            tensor.Int32Data.AddRange(values.Select(value => (int)value));
        model.Graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>A node that reads the named tensors and makes one named like its position, or several.</summary>
    public OnnxFile Node(
        string kind, string inputs, string? outputs = null, string domain = "", params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = kind, Name = $"node{model.Graph.Node.Count}", Domain = domain };
        node.Input.AddRange(inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(input => input is "_" ? "" : input));
        node.Output.AddRange((outputs ?? $"t{model.Graph.Node.Count}").Split(' '));
        node.Attribute.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        model.Graph.Node.Add(node);
        return this;
    }

    public OnnxFile AsFloat(string input) => Node("Cast", input, attributes: ("to", (int)ElementType.Float));

    public string Save()
    {
        if (model.Graph.Output.Count == 0)
            model.Graph.Output.Add(new ValueInfoProto { Name = model.Graph.Node[^1].Output[0], Type = Float() });
        File.WriteAllBytes(Path, model.ToByteArray());
        return Path;
    }

    public void Dispose() => File.Delete(Path);

    static TypeProto Float() => new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } };

    static ValueInfoProto Tensor(string name, long[] shape)
    {
        var info = new ValueInfoProto { Name = name, Type = Float() };
        info.Type.TensorType.Shape = new TensorShapeProto();
        info.Type.TensorType.Shape.Dim.AddRange(shape.Select(size =>
            size > 0 ? new TensorShapeProto.Types.Dimension { DimValue = size } : new TensorShapeProto.Types.Dimension { DimParam = "N" }));
        return info;
    }

    static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int number:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number);
                break;
            case double number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, (float)number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case int[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers.Select(number => (long)number));
                break;
            case TensorProto tensor:
                (attribute.Type, attribute.T) = (AttributeProto.Types.AttributeType.Tensor, tensor);
                break;
            default:
                throw new ArgumentException($"{name} is of a type that tests do not need", nameof(value));
        }
        return attribute;
    }
}
