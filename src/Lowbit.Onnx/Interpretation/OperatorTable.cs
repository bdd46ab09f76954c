using Lowbit.Export.Interpretation.Operators;

namespace Lowbit.Export.Interpretation;

/// <summary>The operators that the interpreter knows, by domain and name.</summary>
static class OperatorTable
{
    static readonly Dictionary<string, Func<Call, NdArray>> Qonnx = new()
    {
        ["Quant"] = QonnxQuantization.Quant,
        ["IntQuant"] = QonnxQuantization.Quant,
        ["BipolarQuant"] = QonnxQuantization.BipolarQuant,
        ["Trunc"] = QonnxQuantization.Trunc,
    };

    static readonly Dictionary<string, Func<Call, NdArray>> Standard = new()
    {
        ["Conv"] = Convolution.Run,
        ["Gemm"] = MatrixProducts.Gemm,
        ["MatMul"] = MatrixProducts.MatMul,
        ["MaxPool"] = Pooling.Max,
        ["AveragePool"] = Pooling.Average,
        ["GlobalMaxPool"] = Pooling.GlobalMax,
        ["GlobalAveragePool"] = Pooling.GlobalAverage,
        ["BatchNormalization"] = Normalization.Batch,
        ["Softmax"] = Normalization.Softmax,
        ["LogSoftmax"] = Normalization.LogSoftmax,
        ["QuantizeLinear"] = LinearQuantization.Quantize,
        ["DequantizeLinear"] = LinearQuantization.Dequantize,

        ["Identity"] = call => call.X,
        ["Dropout"] = call => call.X,
        ["Abs"] = Elementwise.Of(Math.Abs),
        ["Neg"] = Elementwise.Of(x => -x),
        ["Sign"] = Elementwise.Of(x => Math.Sign(x)),
        ["Round"] = Elementwise.Of(x => Math.Round(x)),
        ["Floor"] = Elementwise.Of(Math.Floor),
        ["Ceil"] = Elementwise.Of(Math.Ceiling),
        ["Exp"] = Elementwise.Of(Math.Exp),
        ["Log"] = Elementwise.Of(x => Math.Log(x)),
        ["Sqrt"] = Elementwise.Of(Math.Sqrt),
        ["Reciprocal"] = Elementwise.Of(x => 1 / x),
        ["Relu"] = Elementwise.Of(x => Math.Max(x, 0)),
        ["LeakyRelu"] = Elementwise.LeakyRelu,
        ["PRelu"] = Elementwise.Of((x, slope) => x < 0 ? slope * x : x),
        ["Sigmoid"] = Elementwise.Of(x => 1 / (1 + Math.Exp(-x))),
        ["HardSigmoid"] = Elementwise.HardSigmoid,
        ["HardSwish"] = Elementwise.Of(x => x * Math.Clamp(x / 6 + 0.5, 0, 1)),
        ["Tanh"] = Elementwise.Of(Math.Tanh),
        ["Softplus"] = Elementwise.Of(x => Math.Log(1 + Math.Exp(-Math.Abs(x))) + Math.Max(x, 0)),
        ["Clip"] = Elementwise.Clip,
        ["Cast"] = Elementwise.Cast,

        ["BitShift"] = Elementwise.BitShift,
        ["BitwiseAnd"] = Elementwise.OfBits((a, b) => a & b),
        ["BitwiseOr"] = Elementwise.OfBits((a, b) => a | b),
        ["BitwiseXor"] = Elementwise.OfBits((a, b) => a ^ b),

        ["Add"] = Elementwise.Of((a, b) => a + b),
        ["Sub"] = Elementwise.Of((a, b) => a - b),
        ["Mul"] = Elementwise.Of((a, b) => a * b),
        ["Div"] = Elementwise.Divide,
        ["Pow"] = Elementwise.Of(Math.Pow),
        ["Sum"] = Elementwise.OfAll((a, b) => a + b),
        ["Min"] = Elementwise.OfAll(Math.Min),
        ["Max"] = Elementwise.OfAll(Math.Max),
        ["Where"] = Elementwise.Where,
        ["Equal"] = Elementwise.Comparison((a, b) => a == b),
        ["Greater"] = Elementwise.Comparison((a, b) => a > b),
        ["GreaterOrEqual"] = Elementwise.Comparison((a, b) => a >= b),
        ["Less"] = Elementwise.Comparison((a, b) => a < b),
        ["LessOrEqual"] = Elementwise.Comparison((a, b) => a <= b),

        ["ReduceMax"] = Reduction.Of(values => values.Max()),
        ["ReduceMean"] = Reduction.Of(values => values.Average()),
        ["ReduceProd"] = Reduction.Of(values => values.Aggregate(1.0, (product, value) => product * value)),
        ["ReduceSum"] = Reduction.Of(values => values.Sum()),

        ["Constant"] = Constants.Constant,
        ["ConstantOfShape"] = Constants.OfShape,
        ["Shape"] = Shaping.Shape,
        ["Size"] = Shaping.Size,
        ["Reshape"] = Shaping.Reshape,
        ["Flatten"] = Shaping.Flatten,
        ["Squeeze"] = Shaping.Squeeze,
        ["Unsqueeze"] = Shaping.Unsqueeze,
        ["Transpose"] = Shaping.Transpose,
        ["Expand"] = Shaping.Expand,
        ["Concat"] = Selection.Concat,
        ["Slice"] = Selection.Slice,
        ["Gather"] = Selection.Gather,
        ["Pad"] = Selection.Pad,
    };

    public static IEnumerable<string> StandardNames => Standard.Keys;

    /// <summary>What a node's operator does with its inputs: one array for each output that it gives.</summary>
    /// <exception cref="LowbitException">The operator is not one of these.</exception>
    public static Func<Call, NdArray[]> Find(OnnxNode node)
    {
        var operators = node.Domain switch { "" => Standard, OnnxNode.Qonnx => Qonnx, _ => [] };
        if (node is { Domain: "", Kind: "Split" })
            return Selection.Split;
        if (operators.TryGetValue(node.Kind, out var run))
            return call => [run(call)];
        throw Unsupported(node);
    }

    public static bool Knows(OnnxNode node) =>
        node is { Domain: "", Kind: "Split" } || (node.Domain switch { "" => Standard, OnnxNode.Qonnx => Qonnx, _ => [] }).ContainsKey(node.Kind);

    /// <summary>What is said of an operator that is not known: a name that looks like a typo has a hint, one of the standard's own has none.</summary>
    public static LowbitException Unsupported(OnnxNode node)
    {
        var operators = node.Domain switch { "" => Standard, OnnxNode.Qonnx => Qonnx, _ => [] };
        string name = node.Domain is "" ? node.Kind : $"{node.Domain}.{node.Kind}";
        string hint = OtherOperators.Names.Contains(node.Kind) ? "" : NearestName.Hint(node.Kind, operators.Keys);
        return new($"its operator {name} is not supported{hint}");
    }
}
