using Google.Protobuf;
using Google.Protobuf.Collections;
using Onnx;

namespace Lowbit.Tests.Export;

/// <summary>Changes files as damage and malice would: bytes, sizes, attributes, operators, and which node reads what.</summary>
static class OnnxMutation
{
    static readonly long[] Numbers = [0, 1, -1, 2, 3, 7, 255, 4096, 65_537, 1 << 24, int.MaxValue, int.MinValue, 1L << 32, (1L << 32) + 5, long.MaxValue, long.MinValue];

    static readonly string[] Operators =
    [
        "Conv", "Gemm", "MatMul", "Add", "Mul", "Div", "Relu", "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten", "Reshape", "Transpose", "Concat", "Split", "Slice", "Gather",
        "Pad", "Tile", "Expand", "ConstantOfShape", "Range", "Resize", "ReduceSum", "Softmax", "QuantizeLinear", "DequantizeLinear", "Quant", "Trunc", "BipolarQuant", "Cast", "Shape",
        "Squeeze", "Unsqueeze", "Where", "TopK", "NonZero", "Loop", "If", "Scan", "LSTM", "Einsum", "OneHot", "ConvTranspose", "ScatterND", "CumSum", "Mod", "Nonsense", "",
    ];

    static readonly string[] Attributes = ["axis", "kernel_shape", "strides", "pads", "dilations", "group", "perm", "to", "alpha", "keepdims", "axes", "signed", "auto_pad", "block_size", "transA"];

    public static byte[] Of(byte[] file, Random random)
    {
        if (random.Next(3) == 0) return Bytes(file, random);
        var model = ModelProto.Parser.ParseFrom(file);
        for (int i = random.Next(1, 4); i > 0; i--) Change(model, random);
        return model.ToByteArray();
    }

    static byte[] Bytes(byte[] file, Random random)
    {
        byte[] changed = [.. file];
        int at = random.Next(changed.Length), length = Math.Min(random.Next(1, 64), changed.Length - at);
        switch (random.Next(5))
        {
            case 0: return changed[..at];
            case 1: return [.. changed[..at], .. changed[(at + length)..]];
            case 2: return [.. changed[..at], .. changed.AsSpan(at, length), .. changed[at..]];
            case 3: random.NextBytes(changed.AsSpan(at, length)); return changed;
            default:
                for (int i = random.Next(1, 9); i > 0; i--) changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                return changed;
        }
    }

    static void Change(ModelProto model, Random random)
    {
        var graph = model.Graph;
        if (graph.Node.Count == 0) return;
        var node = Pick(graph.Node, random);
        switch (random.Next(13))
        {
            case 0: node.OpType = Operators[random.Next(Operators.Length)]; break;
            case 1: graph.Node.Remove(node); break;
            case 2: graph.Node.Insert(random.Next(graph.Node.Count + 1), node.Clone()); break;
            case 3 when node.Input.Count > 0: node.Input[random.Next(node.Input.Count)] = Tensor(graph, random); break;
            case 4: node.Input.Add(Tensor(graph, random)); break;
            case 5 when node.Output.Count > 0: node.Output[random.Next(node.Output.Count)] = Tensor(graph, random); break;
            case 6 when node.Attribute.Count > 0: Change(Pick(node.Attribute, random), random); break;
            case 7:
                var attribute = new AttributeProto { Name = Attributes[random.Next(Attributes.Length)], Type = (AttributeProto.Types.AttributeType)random.Next(1, 8) };
                Change(attribute, random);
                node.Attribute.Add(attribute);
                break;
            case 8 when graph.Initializer.Count > 0: Change(Pick(graph.Initializer, random), random); break;
            case 9 when graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).ToList() is { Count: > 0 } values: Change(values[random.Next(values.Count)], random); break;
            case 10 when model.OpsetImport.Count > 0: Pick(model.OpsetImport, random).Version = random.Next(-1, 30); break;
            case 11: node.Domain = new[] { "", "qonnx.custom_op.general", "com.microsoft", "local", "ai.onnx.ml" }[random.Next(5)]; break;
            default: graph.Output.Add(new ValueInfoProto { Name = Tensor(graph, random) }); break;
        }
    }

    static void Change(AttributeProto attribute, Random random)
    {
        switch (random.Next(4))
        {
            case 0: attribute.I = Number(random); break;
            case 1: attribute.Ints.Add(Number(random)); break;
            case 2 when attribute.Ints.Count > 0: attribute.Ints[random.Next(attribute.Ints.Count)] = Number(random); break;
            default: attribute.F = Number(random); attribute.S = ByteString.CopyFromUtf8("SAME_UPPER"); break;
        }
    }

    static void Change(TensorProto tensor, Random random)
    {
        switch (random.Next(5))
        {
            case 0 when tensor.Dims.Count > 0: tensor.Dims[random.Next(tensor.Dims.Count)] = Number(random); break;
            case 1: tensor.Dims.Add(Number(random)); break;
            case 2: tensor.DataType = random.Next(0, 26); break;
            case 3 when tensor.Int64Data.Count > 0: tensor.Int64Data[random.Next(tensor.Int64Data.Count)] = Number(random); break;
            default:
                byte[] data = tensor.RawData.ToByteArray();
                if (data.Length > 0) random.NextBytes(data.AsSpan(0, Math.Min(data.Length, random.Next(1, 16))));
                tensor.RawData = ByteString.CopyFrom(data);
                break;
        }
    }

    static void Change(ValueInfoProto value, Random random)
    {
        if (value.Type?.TensorType is not { } type || random.Next(4) == 0) value.Name += "!";
        else if (type.Shape is not { Dim.Count: > 0 } shape || random.Next(4) == 0) type.ElemType = random.Next(0, 26);
        else shape.Dim[random.Next(shape.Dim.Count)] = new TensorShapeProto.Types.Dimension { DimValue = Number(random) };
    }

    static long Number(Random random) => random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : random.Next(-4, 40);

    static T Pick<T>(RepeatedField<T> from, Random random) => from[random.Next(from.Count)];

    static string Tensor(GraphProto graph, Random random)
    {
        string[] names = ["", .. graph.Initializer.Select(tensor => tensor.Name), .. graph.Input.Select(input => input.Name), .. graph.Node.SelectMany(node => node.Output)];
        return names[random.Next(names.Length)];
    }
}
