using Lowbit.Export.Writing;
using Lowbit.Export.Writing.Nodes;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using Onnx;

namespace Lowbit.Export.Folding;

/// <summary>
/// Writes an integer network as standard ONNX in the forms that ONNX Runtime and OpenVINO compute in integers: every value between two layers is a tensor of bytes, every
/// layer stands between DequantizeLinear and QuantizeLinear, its batch norm folded into scales and an int32 bias.
/// </summary>
sealed class FoldedGraphWriter
{
    readonly IntegerNetwork network;
    readonly IReadOnlyDictionary<string, float> scales;
    readonly SyntheticRun run;
    readonly OnnxGraphWriter file;
    readonly QuantizedTensors tensors;
    readonly IntegerWeights weights;
    readonly bool takesPixels;
    readonly Dictionary<string, IntegerNode> nodes;
    readonly HashSet<string> written = [];
    readonly Dictionary<string, WrittenInteger> values = [];
    readonly Dictionary<string, (string Tensor, float Scale, bool IsFlat)> sums = [];

    /// <param name="network">The network.</param>
    /// <param name="scales">The scale of each value.</param>
    /// <param name="file">Where it goes.</param>
    /// <param name="weights">Writes weights.</param>
    /// <param name="takesPixels">Whether the file takes raw pixels; otherwise images that were normalized before.</param>
    public FoldedGraphWriter(IntegerNetwork network, IReadOnlyDictionary<string, float> scales, OnnxGraphWriter file, IntegerWeights weights, bool takesPixels)
    {
        (this.network, this.scales, this.file, this.weights, this.takesPixels) = (network, scales, file, weights, takesPixels);
        run = new(network);
        tensors = new(file);
        nodes = network.Nodes.ToDictionary(node => node.Name);
    }

    /// <summary>The values that have been written, by node.</summary>
    public IReadOnlyDictionary<string, WrittenInteger> Values => values;

    /// <summary>The functions that the nodes call.</summary>
    public IEnumerable<FunctionProto> Functions => weights.Unpacking is { } unpacking ? [unpacking] : [];

    /// <summary>Writes every node, and the logits as the file's output.</summary>
    /// <exception cref="LowbitException">A value does not fit a byte, or a node is not possible in integers; names the node.</exception>
    public void Write()
    {
        foreach (IntegerNode node in network.Nodes)
        {
            switch (node)
            {
                case PixelTable table: values[node.Name] = Write(table); break;
                case Requantize requantize: values[node.Name] = Write(requantize); break;
                case IntegerAdd add: sums[node.Name] = Write(add); break;
                case IntegerMaxPool pool: values[node.Name] = Write(pool); break;
                case SumPool pool: values[node.Name] = Write(pool); break;
                case IntegerFlatten flatten: values[node.Name] = Valued(flatten, "Flatten", [("axis", 1)]) with { IsFlat = true }; break;
                // Layers are written with what requantizes their sums.
                case IntegerConv or IntegerLinear: break;
                default: throw node.Refuse("it has no form in standard ONNX");
            }
        }
        WriteLogits();
    }

    WrittenInteger Write(PixelTable table)
    {
        float scale = scales[table.Name];
        int low = table.Tables.Min(channel => channel.Min()), high = table.Tables.Max(channel => channel.Max());
        if (!takesPixels) return tensors.Quantize(table.Name, ExportOptions.InputName, scale, low, high, isClipped: true, isFlat: false);
        var function = new PixelFunction(table, low, high);
        return tensors.Quantize(table.Name, function.Write(file, ExportOptions.InputName, scale), scale, low, high, function.Overshoots, isFlat: false);
    }

    WrittenInteger Write(Requantize node) => nodes[node.From] switch
    {
        IntegerConv or IntegerLinear => WriteLayer(node),
        IntegerAdd => Requantized(node, sums[node.From].Tensor, sums[node.From].Scale, sums[node.From].IsFlat),
        _ => Requantized(node, tensors.Dequantize(Value(node.From)), Value(node.From).Scale, Value(node.From).IsFlat),
    };

    /// <summary>A layer whose sums are requantized: the batch norm and the ReLU between are in its scales, its bias and the output's range.</summary>
    WrittenInteger WriteLayer(Requantize node)
    {
        IntegerNode layer = nodes[node.From];
        WrittenInteger input = Value(layer.Inputs[0]);
        PackedIntegers integers = WeightsOf(layer)!;
        var folded = FoldedLayer.Of(integers.Values.ToArray(), network.ValueOf(layer.Name).Ranges, node, () => run.OutputsOf(node), IntegerWeights.Largest(integers, LargestByteOf(input, layer)));
        // A layer whose sums two quantizers take is written twice.
        string name = written.Add(layer.Name) ? layer.Name : $"{layer.Name}.{node.Name}";
        if (!folded.IsPossible) return WriteInFloat(node, name, layer, input, integers);
        float[] weightScales = [.. folded.Ratios.Select(ratio => (float)(ratio * scales[node.Name] / input.Scale))];
        string bias = tensors.Bias(name, folded.Biases, weightScales, input.Scale);
        string output = Layer(name, layer, input, integers, folded.Factors, weightScales, bias);
        return tensors.Quantize(node.Name, output, scales[node.Name], node.Low, node.High, isClipped: true, isFlat: layer is IntegerLinear);
    }

    /// <summary>A layer after which no scale and bias do what is to be done, as two batch norms with a ReLU between: its sums in float, and a function of these.</summary>
    WrittenInteger WriteInFloat(Requantize node, string name, IntegerNode layer, WrittenInteger input, PackedIntegers integers)
    {
        IntegerValue sums = network.ValueOf(layer.Name);
        int channels = sums.Ranges.Length;
        bool isFlat = layer is IntegerLinear;
        string real = Layer(name, layer, input, integers, [.. Enumerable.Repeat(1, channels)], [.. Enumerable.Repeat(1 / input.Scale, channels)], null);
        return tensors.Quantize(node.Name, ValueFunction.Write(file, node, sums, real, 1, scales[node.Name], isFlat), scales[node.Name], node.Low, node.High, isClipped: true, isFlat);
    }

    string Layer(string name, IntegerNode layer, WrittenInteger input, PackedIntegers integers, int[] factors, float[] weightScales, string? bias)
    {
        string x = tensors.Dequantize(input);
        long depth = integers.Count / factors.Length;
        if (layer is IntegerConv conv)
        {
            long area = (long)conv.Kernel * conv.Kernel;
            string kernels = tensors.Weights(name, weights.Write(name, integers, factors, factors.Length, depth / area, conv.Kernel, conv.Kernel), weightScales);
            return file.Node("Conv", name, [x, kernels, .. bias is null ? [] : new[] { bias }], ConvWriter.Attributes(conv.Kernel, conv.Stride, conv.Padding, conv.Groups));
        }
        string matrix = tensors.Weights(name, weights.Write(name, integers, factors, factors.Length, depth), weightScales);
        return file.Node("Gemm", name, [x, matrix, .. bias is null ? [] : new[] { bias }], [("alpha", 1.0), ("beta", 1.0), ("transA", 0), ("transB", 1)]);
    }

    /// <summary>A requantization of what is no layer's sums: of the sum of two values, or of a value to fewer bits.</summary>
    WrittenInteger Requantized(Requantize node, string real, float scale, bool isFlat) =>
        tensors.Quantize(node.Name, ValueFunction.Write(file, node, network.ValueOf(node.From), real, scale, scales[node.Name], isFlat), scales[node.Name], node.Low, node.High, isClipped: true, isFlat);

    (string, float, bool) Write(IntegerAdd add)
    {
        WrittenInteger left = Value(add.Left), right = Value(add.Right);
        if (left.Scale != right.Scale) throw add.Refuse($"its operands have the scales {left.Scale} and {right.Scale}");
        return (file.Node("Add", $"{add.Name}.sum", [tensors.Dequantize(left), tensors.Dequantize(right)]), left.Scale, left.IsFlat);
    }

    WrittenInteger Write(IntegerMaxPool pool) => Valued(pool, "MaxPool", [("ceil_mode", 0), WindowAttributes.NotDilated, .. WindowAttributes.Of(pool.Kernel, pool.Stride, pool.Padding)]);

    /// <summary>A node that only moves or chooses among bytes.</summary>
    WrittenInteger Valued(IntegerNode node, string kind, IEnumerable<(string, object)> attributes) =>
        Value(node.Inputs[0]) with { Name = node.Name, Bytes = file.Node(kind, $"{node.Name}.q", [Value(node.Inputs[0]).Bytes], attributes) };

    WrittenInteger Write(SumPool pool)
    {
        var ranges = network.ValueOf(pool.Name).Ranges;
        WrittenInteger input = Value(pool.From);
        ValueShape shape = network.ValueOf(pool.From).Shape;
        string mean = SumPoolWriter.Write(file, pool, input, isGlobal: shape.Height == pool.Kernel && shape.Width == pool.Kernel, scales[pool.Name]);
        return tensors.Quantize(pool.Name, mean, scales[pool.Name], ranges.Min(range => range.Low), ranges.Max(range => range.High), isClipped: false, isFlat: false);
    }

    /// <summary>The logits in float: the last layer's sums by the scale of each class, and the classes' offsets.</summary>
    void WriteLogits()
    {
        LogitsOutput logits = network.Logits;
        string scaled;
        if (nodes[logits.From] is IntegerConv or IntegerLinear)
        {
            IntegerNode layer = nodes[logits.From];
            WrittenInteger input = Value(layer.Inputs[0]);
            PackedIntegers integers = WeightsOf(layer)!;
            var folded = FoldedLayer.Of(integers.Values.ToArray(), network.ValueOf(layer.Name).Ranges, logits, input.Scale, IntegerWeights.Largest(integers, LargestByteOf(input, layer)));
            scaled = Layer(layer.Name, layer, input, integers, folded.Factors, [.. folded.Ratios.Select(ratio => (float)(ratio / input.Scale))], null);
            if (layer is IntegerConv) scaled = file.Node("Flatten", "logits.flat", [scaled], [("axis", 1)]);
        }
        else
        {
            WrittenInteger last = Value(logits.From);
            string flat = file.Node("Flatten", "logits.flat", [tensors.Dequantize(last)], [("axis", 1)]);
            scaled = file.Node("Mul", "logits.scaled", [flat, file.Floats("logits.scale", [.. logits.Scales.Select(scale => (float)(scale / last.Scale))], logits.Scales.Length)]);
        }
        file.Node("Add", ExportOptions.OutputName, [scaled, file.Floats("logits.offset", [.. logits.Offsets.Select(offset => (float)offset)], logits.Offsets.Length)]);
    }

    /// <summary>A node's value in bytes; the sum of two values is one where nothing requantizes it.</summary>
    WrittenInteger Value(string name)
    {
        if (values.TryGetValue(name, out WrittenInteger? value)) return value;
        if (!sums.TryGetValue(name, out var sum)) throw nodes[name].Refuse("its sums are taken by more than a quantizer, which has no form in standard ONNX");
        var ranges = network.ValueOf(name).Ranges;
        return values[name] = tensors.Quantize($"{name}.quantized", sum.Tensor, sum.Scale, ranges.Min(range => range.Low), ranges.Max(range => range.High), isClipped: false, sum.IsFlat);
    }

    int LargestByteOf(WrittenInteger input, IntegerNode layer) => network.ValueOf(layer.Inputs[0]).Ranges.Max(range => range.High) + input.ZeroPoint;

    /// <summary>The weights of a layer; null for other nodes.</summary>
    public static PackedIntegers? WeightsOf(IntegerNode node) => node switch
    {
        IntegerConv conv => conv.Weights,
        IntegerLinear linear => linear.Weights,
        _ => null,
    };
}
