using Lowbit.Export.Writing.Nodes;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing;

/// <summary>
/// Standard ONNX: QuantizeLinear, Clip where the range is narrower than the type, DequantizeLinear; weights are integers with only DequantizeLinear.
/// </summary>
/// <param name="version">Version of the standard operators: 13, or 21, which has integers of 4 bits.</param>
sealed class QcdqForm(long version) : IQuantizedForm
{
    /// <summary>The version that every runtime knows.</summary>
    public const int OldVersion = 13;

    /// <summary>The first version with integers of 4 bits, two to a byte.</summary>
    public const int FourBitVersion = 21;

    public IEnumerable<(string Domain, long Version)> Imports => [("", version)];

    /// <summary>
    /// The version by which a network's file is smallest, the older one where both are as small, and after signed values that are pooled: there ONNX Runtime
    /// (1.31) refuses the nodes that its own optimizer makes of the newer one's.
    /// </summary>
    public static int SmallestVersion(Graph graph) =>
        graph.WeightedNodes.Any(layer => layer.WeightQuantizer is { } weights && FitsFourBits(weights.Range)) && !graph.Nodes.Any(node => PoolsSigned(graph, node))
            ? FourBitVersion : OldVersion;

    public string Weights(WrittenNetwork network, IWeighted layer)
    {
        string name = $"{layer.Name}.weight";
        var weights = WeightTensor.Of(network.Network, layer);
        var type = TypeOf(weights.Quantizer.Range, fourBits: version >= FourBitVersion && FitsFourBits(weights.Quantizer.Range));
        string integers = IntegerTensor.Write(network.File, $"{name}.integers", type, weights.Integers, weights.Stored.Shape);
        return Dequantize(network.File, name, integers, type, weights.Scale, weights.ZeroPoint, axis: 0);
    }

    public string Activation(WrittenNetwork network, Quantize node)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (scaleTensor, zeroTensor) = network.Network.ActivationOf(node.Name).EvaluationScale;
        var scale = FloatTensor.Of(scaleTensor);
        FloatTensor? zeroPoint = zeroTensor is null ? null : FloatTensor.Of(zeroTensor);
        IntegerRange range = node.Quantizer.Range;
        var (file, type, input) = (network.File, TypeOf(range, fourBits: false), network[node.From]);
        if (range.IsBinary) input = Sign(file, node.Name, input, scale);

        string[] parameters = Parameters(file, node.Name, type, scale, zeroPoint);
        (string, object)[] attributes = scale.Values.Length == 1 ? [] : [("axis", 1)];
        string integers = file.Node("QuantizeLinear", $"{node.Name}.integers", [input, .. parameters], attributes);
        if (!FillsType(range))
            integers = file.Node("Clip", $"{node.Name}.clipped",
                [integers, IntegerTensor.Write(file, $"{node.Name}.low", type, [range.Low]), IntegerTensor.Write(file, $"{node.Name}.high", type, [range.High])]);
        return file.Node("DequantizeLinear", node.Name, [integers, .. parameters], attributes);
    }

    public string TruncatedMean(WrittenNetwork network, AveragePool node) => TruncatedMeanWriter.WriteStandard(network, node);

    /// <summary>+scale where the value is 0 or more, else -scale: QuantizeLinear would round 0 to 0.</summary>
    static string Sign(OnnxGraphWriter file, string name, string input, FloatTensor scale)
    {
        string positive = file.Node("GreaterOrEqual", $"{name}.positive", [input, file.Scalar($"{name}.zero", 0)]);
        string low = file.Floats($"{name}.minus", [.. scale.Values.Select(value => -value)], scale.Shape);
        return file.Node("Where", $"{name}.sign", [positive, file.Floats($"{name}.plus", scale.Values, scale.Shape), low]);
    }

    static string Dequantize(OnnxGraphWriter file, string name, string integers, ElementType type, FloatTensor scale, FloatTensor? zeroPoint, int axis) =>
        file.Node("DequantizeLinear", name, [integers, .. Parameters(file, name, type, scale, zeroPoint)], scale.Values.Length == 1 ? [] : [("axis", axis)]);

    /// <summary>Scale and zero point: single numbers, or vectors along the axis.</summary>
    static string[] Parameters(OnnxGraphWriter file, string name, ElementType type, FloatTensor scale, FloatTensor? zeroPoint)
    {
        int count = scale.Values.Length;
        long[] shape = count == 1 ? [] : [count];
        int[] zeros = zeroPoint is { } given ? [.. given.Values.Select(value => (int)value)] : new int[count];
        return [file.Floats($"{name}.scale", scale.Values, shape), IntegerTensor.Write(file, $"{name}.zero_point", type, zeros, shape)];
    }

    static ElementType TypeOf(IntegerRange range, bool fourBits) => (range.IsSigned, fourBits) switch
    {
        (true, true) => ElementType.Int4,
        (false, true) => ElementType.Uint4,
        (true, false) => ElementType.Int8,
        (false, false) => ElementType.Uint8,
    };

    static bool PoolsSigned(Graph graph, Node node) => node is MaxPool pool && graph[pool.From] is Quantize { Quantizer.Range.IsSigned: true };

    static bool FitsFourBits(IntegerRange range) => range.IsSigned ? range is { Low: >= -8, High: <= 7 } : range.High <= 15;

    static bool FillsType(IntegerRange range) => range is { Low: -128, High: 127 } or { Low: 0, High: 255 };
}
