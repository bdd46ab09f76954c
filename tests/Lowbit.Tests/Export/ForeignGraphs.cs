using Onnx;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>Small graphs of kinds that other tools write: images [N, 2, 6, 6] to three logits.</summary>
static class ForeignGraphs
{
    static readonly Dictionary<string, Action<OnnxFile>> Graphs = new()
    {
        ["QLinearConv"] = file => file.Scales().Integers("w8", ElementType.Int8, [3, 2, 3, 3], [.. Enumerable.Range(-27, 54).Select(i => (long)i)])
            .Node("QuantizeLinear", "x s z", "q").Node("QLinearConv", "q s z w8 s zi s z", "c").Node("DequantizeLinear", "c s z", "d").Pooled("d"),
        ["QLinearMatMul"] = file => file.Scales().Integers("w8", ElementType.Int8, [72, 3], [.. Enumerable.Range(0, 216).Select(i => (long)(i % 7 - 3))])
            .Node("Flatten", "x", "f").Node("QuantizeLinear", "f s z", "q").Node("QLinearMatMul", "q s z w8 s zi s z", "p").Node("DequantizeLinear", "p s z", "y"),
        ["dynamic quantization"] = file => file.Integers("w8", ElementType.Int8, [3, 2, 3, 3], [.. Enumerable.Range(-27, 54).Select(i => (long)i)])
            .Node("DynamicQuantizeLinear", "x", "q s z").Node("ConvInteger", "q w8 z", "c").Node("Cast", "c", "f", "", ("to", (int)ElementType.Float)).Node("Mul", "f s", "d").Pooled("d"),
        ["blocked scales"] = file => file.Integers("w8", ElementType.Int8, [72, 3], [.. Enumerable.Range(0, 216).Select(i => (long)(i % 7 - 3))])
            .Constant("bs", [9, 3], [.. Enumerable.Repeat(0.5f, 27)]).Node("DequantizeLinear", "w8 bs", "w", "", ("axis", 0), ("block_size", 8))
            .Node("Flatten", "x", "f").Node("MatMul", "f w", "y"),
        ["If"] = file => If(file.Integers("flag", ElementType.Bool, [], 1), "flag"),
        ["If of the image"] = file =>
        {
            file.Constant("limit", [], 1).Node("ReduceMax", "x", "m", "", ("keepdims", 0)).Node("Greater", "m limit", "flag");
            If(file, "flag");
        },
        ["local functions"] = file =>
        {
            file.Constant("w", [3, 2, 3, 3], new float[54]).Node("Block", "x w", "b", "local", ("slope", 0.5)).Pooled("b");
            file.Import("local", 1).Model.Functions.Add([Function("Block", "a k", "r", Node("Conv", "a k", "c"), Node("Act", "c", "r", "local", "slope")),
                Function("Act", "v", "o", Node("LeakyRelu", "v", "o", "", "slope", "alpha"))]);
        },
        ["a shape that is computed"] = file => file.Integers("zero", ElementType.Int64, [1], 0).Integers("rest", ElementType.Int64, [1], -1).Constant("w", [72, 3], new float[216])
            .Node("Shape", "x", "sh").Node("Gather", "sh zero", "n").Node("Concat", "n rest", "to", "", ("axis", 0)).Node("Reshape", "x to", "f").Node("MatMul", "f w", "y"),
        ["operators that ONNX Runtime alone knows"] = file => file.Constant("sc", [4], 1, 1, 2, 2).Constant("w", [3, 2, 3, 3], new float[54])
            .Node("Resize", "x _ sc", "r").Node("Erf", "r", "e").Node("LRN", "e", "l", "", ("size", 3)).Node("Conv", "l w", "c").Pooled("c"),
    };

    public static IEnumerable<string> Names => Graphs.Keys;

    public static OnnxFile Make(string name)
    {
        var file = new OnnxFile([1, 2, 6, 6]);
        Graphs[name](file);
        file.Save();
        return file;
    }

    static OnnxFile Scales(this OnnxFile file) => file.Constant("s", [], 0.1f).Integers("z", ElementType.Uint8, [], 3).Integers("zi", ElementType.Int8, [], 0);

    static void Pooled(this OnnxFile file, string input) => file.Node("GlobalAveragePool", input, "pooled").Node("Flatten", "pooled", "y");

    static void If(OnnxFile file, string flag)
    {
        file.Constant("w", [3, 2, 3, 3], [.. Enumerable.Range(0, 54).Select(i => i / 50f)]);
        GraphProto Branch(string kind)
        {
            var graph = new GraphProto { Name = kind, Node = { Node("Conv", "x w", $"{kind}c"), Node(kind, $"{kind}c", $"{kind}o") } };
            graph.Output.Add(new ValueInfoProto { Name = $"{kind}o", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } } });
            return graph;
        }
        file.Node("If", flag, "b");
        file.Model.Graph.Node[^1].Attribute.Add([
            new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Relu") },
            new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Neg") }]);
        file.Pooled("b");
    }

    static NodeProto Node(string kind, string inputs, string output, string domain = "", string? reference = null, string? attribute = null)
    {
        var node = new NodeProto { OpType = kind, Domain = domain, Name = output, Input = { inputs.Split(' ') }, Output = { output } };
        if (reference is not null) node.Attribute.Add(new AttributeProto { Name = attribute ?? reference, RefAttrName = reference, Type = AttributeProto.Types.AttributeType.Float });
        return node;
    }

    static FunctionProto Function(string name, string inputs, string output, params NodeProto[] nodes) => new()
    {
        Name = name,
        Domain = "local",
        Input = { inputs.Split(' ') },
        Output = { output },
        Attribute = { "slope" },
        Node = { nodes },
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 21 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
    };
}
