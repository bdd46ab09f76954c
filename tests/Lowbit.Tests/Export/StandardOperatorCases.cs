using Google.Protobuf;
using Onnx;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>
/// Small networks that between them use every standard operator the interpreter knows, in each way that they are found in files.
/// </summary>
static class StandardOperatorCases
{
    /// <summary>Functions of one number.</summary>
    static readonly string[] Functions =
    [
        "Abs", "Neg", "Sign", "Round", "Floor", "Ceil", "Exp", "Reciprocal",
        "Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softplus", "Identity",
    ];

    static readonly Dictionary<string, Func<OnnxFile>> Named = new()
    {
        ["Conv"] = () => Conv([2, 3, 9, 8], [5, 3, 3, 2]),
        ["Conv with bias and asymmetric pads"] = () => Conv([2, 3, 9, 8], [4, 3, 3, 3], bias: true, ("pads", new[] { 1, 0, 2, 1 })),
        ["Conv with strides and dilations"] = () => Conv([1, 2, 12, 11], [3, 2, 3, 2], bias: false,
            ("strides", new[] { 2, 3 }), ("dilations", new[] { 2, 2 })),
        ["Conv in groups"] = () => Conv([2, 6, 7, 7], [9, 2, 3, 3], bias: true, ("group", 3), ("kernel_shape", new[] { 3, 3 })),
        ["Conv depthwise"] = () => Conv([2, 6, 7, 7], [6, 1, 3, 3], bias: false, ("group", 6), ("pads", new[] { 1, 1, 1, 1 })),
        ["Conv SAME_UPPER"] = () => Conv([1, 3, 8, 9], [2, 3, 4, 4], bias: false, ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 2 })),
        ["Conv SAME_LOWER"] = () => Conv([1, 3, 8, 9], [2, 3, 4, 4], bias: false, ("auto_pad", "SAME_LOWER"), ("strides", new[] { 2, 3 })),
        ["Conv VALID"] = () => Conv([1, 3, 8, 9], [2, 3, 4, 4], bias: false, ("auto_pad", "VALID")),
        ["Conv of signals"] = () => Conv([2, 3, 20], [4, 3, 5], bias: true, ("pads", new[] { 2, 1 }), ("strides", new[] { 2 })),
        ["Conv wider than a panel"] = () => Conv([1, 16, 16, 16], [34, 16, 3, 3]),

        ["Gemm"] = () => New([3, 4]).Constant("b", [4, 5], Random(20)).Node("Gemm", "x b"),
        ["Gemm transposed, scaled and with bias"] = () => New([3, 4]).Constant("b", [5, 4], Random(20)).Constant("c", [5], Random(5))
            .Node("Gemm", "x b c", attributes: [("transB", 1), ("alpha", 0.5), ("beta", 2.0)]),
        ["Gemm with both transposed"] = () => New([4, 3]).Constant("b", [5, 4], Random(20)).Constant("c", [3, 1], Random(3))
            .Node("Gemm", "x b c", attributes: [("transA", 1), ("transB", 1)]),
        ["MatMul"] = () => New([2, 37]).Constant("b", [37, 21], Random(37 * 21)).Node("MatMul", "x b"),
        ["MatMul in batches"] = () => New([2, 3, 4, 5]).Constant("b", [3, 5, 6], Random(90)).Node("MatMul", "x b"),
        ["MatMul with a vector"] = () => New([2, 3, 4]).Constant("b", [4], Random(4)).Node("MatMul", "x b"),

        ["Add stretched"] = () => New([2, 3, 4, 5]).Constant("b", [3, 1, 1], Random(3)).Node("Add", "x b"),
        ["Sub stretched on the left"] = () => New([3, 1]).Constant("b", [2, 1, 4], Random(8)).Node("Sub", "b x"),
        ["Mul"] = () => New([2, 3]).Node("Mul", "x x"),
        ["Div by a scalar"] = () => New([2, 3]).Constant("b", [], 3).Node("Div", "x b"),
        ["Div of integers"] = () => New([2, 3]).Integers("b", ElementType.Int64, [], 3)
            .Constant("ten", [], 10).Node("Mul", "x ten").Node("Cast", "t0", attributes: ("to", (int)ElementType.Int64)).Node("Div", "t1 b")
            .AsFloat("t2"),
        ["BitShift to the right"] = () => Bytes().Integers("n", ElementType.Uint8, [3], 1, 2, 7).Node("BitShift", "t2 n", attributes: ("direction", "RIGHT")).AsFloat("t3"),
        ["BitShift to the left"] = () => Bytes().Integers("n", ElementType.Uint8, [3], 1, 2, 7).Node("BitShift", "t2 n", attributes: ("direction", "LEFT")).AsFloat("t3"),
        ["BitwiseAnd"] = () => Bytes().Integers("n", ElementType.Uint8, [], 0x5A).Node("BitwiseAnd", "t2 n").AsFloat("t3"),
        ["BitwiseOr"] = () => Bytes().Integers("n", ElementType.Uint8, [3], 1, 64, 255).Node("BitwiseOr", "t2 n").AsFloat("t3"),
        ["BitwiseXor"] = () => Bytes().Integers("n", ElementType.Uint8, [3], 1, 64, 255).Node("BitwiseXor", "t2 n").AsFloat("t3"),
        ["ReduceProd"] = () => New([2, 3, 4]).Integers("axes", ElementType.Int64, [1], 1).Node("ReduceProd", "x axes"),
        ["Cast of what uint8 does not hold"] = () => Wide().Node("Cast", "t0", attributes: ("to", (int)ElementType.Uint8)).AsFloat("t1"),
        ["Cast of what int8 does not hold"] = () => Wide().Node("Cast", "t0", attributes: ("to", (int)ElementType.Int8)).AsFloat("t1"),
        ["Cast of integers that int8 does not hold"] = () => Wide().Node("Cast", "t0", attributes: ("to", (int)ElementType.Int64)).Node("Cast", "t1", attributes: ("to", (int)ElementType.Int8)).AsFloat("t2"),
        ["Pow"] = () => New([2, 3]).Constant("b", [], 2).Node("Pow", "x b"),
        ["Max of three"] = () => New([2, 3]).Constant("b", [], 0.1f).Constant("c", [3], Random(3)).Node("Max", "x b c"),
        ["Min"] = () => New([2, 3]).Constant("b", [], 0.1f).Node("Min", "x b"),
        ["Sum"] = () => New([2, 3]).Constant("b", [2, 1], Random(2)).Node("Sum", "x b x"),
        ["Where and Greater"] = () => New([2, 3]).Constant("b", [], 0.1f).Node("Greater", "x b").Node("Where", "t0 x b"),
        ["Equal"] = () => New([2, 3]).Node("Equal", "x x").AsFloat("t0"),
        ["Less"] = () => New([2, 3]).Constant("b", [], 0).Node("Less", "x b").AsFloat("t0"),

        ["GreaterOrEqual"] = () => New([2, 3]).Node("GreaterOrEqual", "x x").AsFloat("t0"),
        ["LessOrEqual"] = () => New([2, 3]).Constant("b", [], 0).Node("LessOrEqual", "x b").AsFloat("t0"),
        ["Size"] = () => New([2, 3]).Node("Size", "x").AsFloat("t0").Node("Div", "x t1"),
        ["Sqrt"] = () => New([2, 17]).Node("Abs", "x").Node("Sqrt", "t0"),
        ["Log"] = () => New([2, 17]).Node("Abs", "x").Node("Log", "t0"),
        ["PRelu"] = () => New([2, 3, 4]).Constant("slope", [3, 1], Random(3)).Node("PRelu", "x slope"),
        ["Clip"] = () => New([2, 9]).Constant("low", [], -0.2f).Constant("high", [], 0.3f).Node("Clip", "x low high"),
        ["Clip above only"] = () => New([2, 9]).Constant("high", [], 0.3f).Node("Clip", "x _ high"),
        ["Clip by attributes"] = () => New([2, 9], opset: 9).Node("Clip", "x", attributes: [("min", -0.2), ("max", 0.3)]),
        ["Dropout"] = () => New([2, 9]).Node("Dropout", "x"),

        ["MaxPool"] = () => New([2, 3, 8, 9]).Node("MaxPool", "x",
            attributes: [("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })]),
        ["MaxPool with pads"] = () => New([2, 3, 8, 9]).Node("MaxPool", "x",
            attributes: [("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 })]),
        ["MaxPool with ceil_mode"] = () => New([2, 3, 8, 9]).Node("MaxPool", "x",
            attributes: [("kernel_shape", new[] { 3, 2 }), ("strides", new[] { 2, 2 }), ("ceil_mode", 1)]),
        ["MaxPool with dilations"] = () => New([2, 3, 9, 9]).Node("MaxPool", "x",
            attributes: [("kernel_shape", new[] { 2, 3 }), ("dilations", new[] { 2, 3 })]),
        ["MaxPool of signals"] = () => New([2, 3, 9]).Node("MaxPool", "x", attributes: [("kernel_shape", new[] { 3 })]),
        ["AveragePool"] = () => New([2, 3, 8, 9]).Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 2, 3 }), ("strides", new[] { 2, 1 })]),
        ["AveragePool without padding"] = () => New([2, 3, 8, 9]).Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 })]),
        ["AveragePool with padding"] = () => New([2, 3, 8, 9]).Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 0, 1, 2 }), ("count_include_pad", 1)]),
        ["AveragePool with ceil_mode"] = () => New([1, 1, 8, 9])
            .Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 3, 2 }), ("ceil_mode", 1), ("pads", new[] { 0, 1, 0, 1 })]),
        ["AveragePool with ceil_mode and padding"] = () => New([1, 1, 8, 8])
            .Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 3, 3 }), ("ceil_mode", 1), ("pads", new[] { 1, 0, 1, 0 }),
                ("count_include_pad", 1)]),
        ["AveragePool SAME_UPPER"] = () => New([1, 2, 7, 8]).Node("AveragePool", "x",
            attributes: [("kernel_shape", new[] { 3, 2 }), ("strides", new[] { 2, 2 }), ("auto_pad", "SAME_UPPER")]),
        ["GlobalAveragePool"] = () => New([2, 3, 4, 5]).Node("GlobalAveragePool", "x"),
        ["GlobalMaxPool"] = () => New([2, 3, 4, 5]).Node("GlobalMaxPool", "x"),

        ["BatchNormalization"] = () => BatchNormalization([2, 3, 4, 5]),
        ["BatchNormalization of vectors"] = () => BatchNormalization([2, 3]),
        ["Softmax"] = () => New([2, 3, 4]).Node("Softmax", "x", attributes: ("axis", 1)),
        ["Softmax before opset 13"] = () => New([2, 3, 4], opset: 11).Node("Softmax", "x"),
        ["LogSoftmax"] = () => New([2, 9]).Node("LogSoftmax", "x"),
        ["ReduceMean"] = () => New([2, 3, 4, 5]).Integers("axes", ElementType.Int64, [2], 2, -1).Node("ReduceMean", "x axes"),
        ["ReduceMean by attribute"] = () => New([2, 3, 4, 5], opset: 13).Node("ReduceMean", "x",
            attributes: [("axes", new[] { 1, 3 }), ("keepdims", 0)]),
        ["ReduceSum of all"] = () => New([2, 3]).Node("ReduceSum", "x"),
        ["ReduceMax"] = () => New([2, 3, 4]).Integers("axes", ElementType.Int64, [1], 1).Node("ReduceMax", "x axes",
            attributes: ("keepdims", 0)),

        ["Concat"] = () => New([2, 3, 4]).Constant("b", [2, 5, 4], Random(40)).Node("Concat", "x b x", attributes: ("axis", 1)),
        ["Split"] = () => New([2, 6, 2]).Node("Split", "x", "a b", attributes: [("axis", 1), ("num_outputs", 2)]).Node("Sub", "a b"),
        ["Split unequally"] = () => New([2, 5], opset: 11).Node("Split", "x", "a b",
            attributes: [("axis", 1), ("split", new[] { 4, 1 })]).Node("Sub", "a b"),
        ["Slice"] = () => New([2, 6, 7]).Integers("from", ElementType.Int64, [2], 1, -1)
            .Integers("to", ElementType.Int64, [2], long.MaxValue, -6)
            .Integers("axes", ElementType.Int64, [2], 1, 2).Integers("steps", ElementType.Int64, [2], 2, -2)
            .Node("Slice", "x from to axes steps"),
        ["Slice by attributes"] = () => New([2, 6, 7], opset: 9).Node("Slice", "x",
            attributes: [("starts", new[] { 1, -3 }), ("ends", new[] { 5, 100 }), ("axes", new[] { 1, 2 })]),
        ["Gather"] = () => New([2, 3, 4]).Integers("at", ElementType.Int64, [2, 2], 2, 0, -1, 1).Node("Gather", "x at",
            attributes: ("axis", 1)),
        ["Pad"] = () => New([1, 2, 3, 4]).Integers("pads", ElementType.Int64, [8], 0, 0, 1, 2, 0, 1, 0, -1).Constant("v", [], 7)
            .Node("Pad", "x pads v"),
        ["Pad by attributes"] = () => New([1, 2, 3, 4], opset: 9).Node("Pad", "x",
            attributes: [("pads", new[] { 0, 0, 1, 2, 0, 0, 1, 2 }), ("value", 1.5)]),
        ["Pad of some axes"] = () => New([1, 2, 3, 4]).Integers("pads", ElementType.Int64, [4], 1, 2, 3, 4)
            .Integers("axes", ElementType.Int64, [2], 2, -1).Node("Pad", "x pads _ axes"),
        ["Transpose"] = () => New([2, 3, 4, 5]).Node("Transpose", "x", attributes: ("perm", new[] { 0, 2, 3, 1 })),
        ["Transpose reversed"] = () => New([2, 3, 4]).Node("Transpose", "x"),
        ["Reshape"] = () => New([2, 3, 4]).Integers("shape", ElementType.Int64, [3], 0, -1, 2).Node("Reshape", "x shape"),
        ["Flatten"] = () => New([2, 3, 4]).Node("Flatten", "x"),
        ["Flatten at another axis"] = () => New([2, 3, 4]).Node("Flatten", "x", attributes: ("axis", 2)),
        ["Squeeze and Unsqueeze"] = () => New([2, 1, 3, 1]).Integers("a", ElementType.Int64, [1], -1)
            .Integers("b", ElementType.Int64, [2], 0, 4)
            .Node("Squeeze", "x a").Node("Unsqueeze", "t0 b"),
        ["Squeeze and Unsqueeze by attributes"] = () => New([2, 1, 3, 1], opset: 11)
            .Node("Squeeze", "x", attributes: ("axes", new[] { 1 })).Node("Unsqueeze", "t0", attributes: ("axes", new[] { 1 })),
        ["Expand"] = () => New([2, 1, 4]).Integers("shape", ElementType.Int64, [4], 5, 2, 3, 1).Node("Expand", "x shape"),
        ["Shape as torch flattens"] = () => New([2, 3, 4]).Integers("zero", ElementType.Int64, [], 0)
            .Integers("first", ElementType.Int64, [1], 0).Integers("rest", ElementType.Int64, [1], -1)
            .Node("Shape", "x").Node("Gather", "t0 zero").Node("Unsqueeze", "t1 first").Node("Concat", "t2 rest",
            attributes: ("axis", 0)).Node("Reshape", "x t3"),

        ["QuantizeLinear to uint8"] = () => Quantized([2, 3, 40], ElementType.Uint8, 128),
        ["QuantizeLinear to int8"] = () => Quantized([2, 3, 40], ElementType.Int8, -3),
        ["QuantizeLinear to int4"] = () => Quantized([2, 3, 40], ElementType.Int4, 1),
        ["QuantizeLinear to uint4"] = () => Quantized([2, 3, 40], ElementType.Uint4, 8),
        ["QuantizeLinear to uint8 without zero point"] = () => New([2, 40]).Constant("s", [], 0.01f).Node("QuantizeLinear", "x s")
            .Node("DequantizeLinear", "t0 s"),
        ["QuantizeLinear, Clip and DequantizeLinear"] = () => New([2, 40]).Constant("s", [], 0.1f).Integers("z", ElementType.Int8, [], 0)
            .Integers("low", ElementType.Int8, [], -3).Integers("high", ElementType.Int8, [], 3)
            .Node("QuantizeLinear", "x s z").Node("Clip", "t0 low high").Node("DequantizeLinear", "t1 s z"),
        ["QuantizeLinear per axis"] = () => New([2, 3, 9]).Constant("s", [3], 0.01f, 0.02f, 0.005f)
            .Integers("z", ElementType.Int8, [3], 0, 5, -5)
            .Node("QuantizeLinear", "x s z").Node("DequantizeLinear", "t0 s z"),
        ["DequantizeLinear of weights per axis"] = () => New([2, 3])
            .Integers("w", ElementType.Int8, [3, 4], [.. Enumerable.Range(-6, 12).Select(i => (long)i)])
            .Constant("s", [3], Random(3)).Integers("z", ElementType.Int8, [3], 0, 0, 0).Node("DequantizeLinear", "w s z",
            attributes: ("axis", 0)).Node("MatMul", "x t0"),
        ["DequantizeLinear of packed int4"] = () => New([2, 3]).Integers("w", ElementType.Int4, [3, 3], 0x21, 0xF8, 0x7F, 0x30, 0x05)
            .Constant("s", [], 0.5f).Node("DequantizeLinear", "w s").Node("MatMul", "x t0"),
        ["DequantizeLinear of int32"] = () => New([2, 3]).Integers("b", ElementType.Int32, [3], -100000, 5, 70000)
            .Constant("s", [], 1e-4f).Node("DequantizeLinear", "b s").Node("Add", "x t0"),
        ["Constant"] = () => New([2, 3]).Node("Constant", "", attributes: ("value", Half(1.5f))).AsFloat("t0").Node("Add", "x t1"),
        ["Constant number"] = () => New([2, 3]).Node("Constant", "", attributes: ("value_float", 1.5)).Node("Add", "x t0"),
        ["ConstantOfShape"] = () => New([2, 3]).Node("Shape", "x").Node("ConstantOfShape", "t0").Node("Sub", "t1 x"),
    };

    public static IEnumerable<string> Names => Named.Keys.Concat(Functions);

    public static OnnxFile Make(string name) => Named.TryGetValue(name, out var make)
        ? make()
        : New([2, 3, 17]).Constant("three", [], 3).Node("Mul", "x three").Node(name, "t0");

    static readonly Random Numbers = new(1);

    public static float[] Random(int count)
    {
        lock (Numbers)
            return [.. Enumerable.Range(0, count).Select(_ => (float)(2 * Numbers.NextDouble() - 1))];
    }

    /// <summary>Bytes as t2.</summary>
    static OnnxFile Wide() => New([16, 3]).Constant("thousand", [], 1000).Node("Mul", "x thousand");

    static OnnxFile Bytes() => New([4, 3]).Constant("hundred", [], 100).Node("Mul", "x hundred").Node("Abs", "t0").Node("Cast", "t1", attributes: ("to", (int)ElementType.Uint8));

    static OnnxFile New(long[] shape, long opset = 21) => new(shape, opset);

    static OnnxFile Conv(long[] input, long[] weights, bool bias = false, params (string, object)[] attributes)
    {
        var file = New(input).Constant("w", weights, Random((int)weights.Aggregate((a, b) => a * b)));
        if (bias)
            file.Constant("b", [weights[0]], Random((int)weights[0]));
        return file.Node("Conv", bias ? "x w b" : "x w", attributes: attributes);
    }

    static OnnxFile BatchNormalization(long[] shape) => New(shape)
        .Constant("s", [3], Random(3)).Constant("b", [3], Random(3)).Constant("m", [3], Random(3)).Constant("v", [3], 0.5f, 1, 2)
        .Node("BatchNormalization", "x s b m v", attributes: ("epsilon", 1e-3));

    static OnnxFile Quantized(long[] shape, ElementType type, long zeroPoint) =>
        New(shape).Constant("s", [], 0.0123f).Integers("z", type, [], zeroPoint).Node("QuantizeLinear", "x s z")
            .Node("DequantizeLinear", "t0 s z");

    static TensorProto Half(float value) => new()
    {
        DataType = (int)ElementType.Float16,
        RawData = ByteString.CopyFrom(BitConverter.GetBytes((Half)value)),
    };
}
