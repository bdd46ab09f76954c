using System.Collections.Immutable;
using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Integers;

/// <summary>
/// A trained network in integers. Every node that has integers gets those of the network in float64: between two of them the steps of its functions are found by
/// evaluating these, and only numbers are taken that step exactly there.
/// </summary>
public sealed class IntegerForm
{
    readonly Network network;
    readonly Network exact;
    readonly Func<Tensor, Tensor> toInput;
    readonly List<IntegerNode> nodes = [];
    readonly Dictionary<string, IntegerValue> inferred = [];
    readonly Dictionary<string, ScaledValue> values = [];

    IntegerForm(Network network, Network exact, Func<Tensor, Tensor> toInput)
    {
        (this.network, this.exact, this.toInput) = (network, exact, toInput);
        foreach (Node node in Graph.Nodes) Convert(node);
    }

    Graph Graph => exact.Graph;

    /// <summary>The nodes of a network whose values are integers, by name, and how these are scaled.</summary>
    public IReadOnlyDictionary<string, ScaledValue> Values => values;

    /// <summary>The integer network of a trained network; the network is left as it is.</summary>
    /// <param name="network">The network, on the CPU.</param>
    /// <param name="metadata">What the integer network says of itself.</param>
    /// <exception cref="LowbitException">The network has float parts, or sums that could leave int32; one sentence that names the node and what to change.</exception>
    public static IntegerNetwork Of(Network network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using Network exact = DoublePrecision.Of(network);
        return Of(network, exact, pixels => pixels.to(float64), metadata).Network;
    }

    /// <summary>The same of a network whose twin in double precision is there already.</summary>
    /// <param name="network">The network.</param>
    /// <param name="exact">The twin.</param>
    /// <param name="toInput">What makes of raw pixels, [N, C, H, W], what the twin takes.</param>
    /// <param name="metadata">What the integer network says of itself.</param>
    public static (IntegerNetwork Network, IntegerForm Form) Of(
        Network network, Network exact, Func<Tensor, Tensor> toInput, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (network.State.FirstOrDefault(entry => !entry.Tensor.isfinite().all().item<bool>()) is { Name: { } name })
            throw new LowbitException($"{name} holds what is not a number, so that the network has no integer form; train it anew");
        var form = new IntegerForm(network, exact, toInput);
        var image = new ImageInput(exact.Graph.Input.Name, ShapeOf(exact.Graph.Input.Shape));
        return (new(image, [.. form.nodes], LogitsForm.Of(form.ChainTo(exact.Graph.Output), exact), metadata?.ToImmutableSortedDictionary()), form);
    }

    /// <summary>Writes what stands for a node whose value is integers, or sums of products; others are part of what lies between.</summary>
    void Convert(Node node)
    {
        switch (node)
        {
            case Quantize quantize: Convert(quantize); break;
            case IWeighted layer: Convert(node, layer); break;
            case Relu relu when IsInteger(relu.From) && IsTakenAsIntegers(relu): Keep(relu, Rectified(relu)); break;
            case Input or { Pointwise: not Pointwise.No }: break;
            case { KeepsScale: true } when !IsInteger(node.Inputs[0]): break;
            default: Keep(node, InIntegers(node)); break;
        }
    }

    void Convert(Quantize node)
    {
        if (node.Quantizer.Scale == ActivationScale.Shifted) throw Refused(node, "an integer network has no zero points; set quantization.act_quantizer to learned or power_of_two");
        if (!ScalesOf(node).All(scale => double.IsFinite(scale) && scale > 0)) throw Refused(node, "its scale is not a positive number; train the network anew");
        var (from, between) = ChainTo(node);
        Node[] windows = [.. between.Where(passed => passed.KeepsScale)];
        CheckOrder(between);
        string name = windows.Length == 0 ? node.Name : $"{node.Name}.first";
        var function = new ChainFunction(exact, [.. between.Except(windows)]);
        Emit(from is null ? Table(node, name, function) : RequantizeSearch.Find(name, from, function, exact.ActivationOf(node.Name).Quantizer.Range));
        // A maximum, taken before a function that only rises, is taken after it as well: of integers.
        for (int i = 0; i < windows.Length; i++)
        {
            string next = i == windows.Length - 1 ? node.Name : $"{node.Name}.{windows[i].Name}";
            Emit(windows[i].InIntegers(next, [(name, Graph.Integers.TypeOf(node.Name)!)])!);
            name = next;
        }
        values.Add(node.Name, new(node.Name, inferred[node.Name], ScalesOf(node), [0]));
    }

    /// <summary>Refuses what cannot change places with a max pool or a flattening before it.</summary>
    void CheckOrder(IReadOnlyList<Node> between)
    {
        for (int i = 0; i < between.Count; i++)
        {
            if (!between[i].KeepsScale) continue;
            bool movesChannels = Graph.ShapeOf(between[i].Name).Channels != Graph.ShapeOf(between[i].Inputs[0]).Channels;
            if (movesChannels && between.Skip(i).FirstOrDefault(node => node.Pointwise == Pointwise.ByChannel) is { } byFeature)
                throw Refused(byFeature, "it treats each pixel of a channel differently, after a flattening of what is not quantized; quantize before flattening");
            if (between[i] is not Flatten && between.Skip(i).FirstOrDefault(node => exact.StateOf(node.Name).Any(entry => entry.Name == "weight" && entry.Tensor.min().item<double>() < 0)) is { } turned)
                throw Refused(turned, $"it turns values around after the {between[i].Kind} {between[i].Name}, whose input is not quantized; quantize before the pool");
        }
    }

    PixelTable Table(Quantize node, string name, ChainFunction function)
    {
        int channels = Graph.Input.Shape.Channels;
        Tensor pixels = tensor(Enumerable.Range(0, PixelTable.Pixels).Select(pixel => (float)pixel).ToArray()).view(-1, 1, 1, 1).expand(-1, channels, -1, -1);
        int[] integers = function.Of(toInput(pixels).to(float64).reshape(PixelTable.Pixels, channels));
        return new(name, Graph.Input.Name, [.. Enumerable.Range(0, channels).Select(channel => Enumerable.Range(0, PixelTable.Pixels).Select(pixel => integers[pixel * channels + channel]).ToImmutableArray())]);
    }

    void Convert(Node node, IWeighted layer)
    {
        if (((IWeighted)network.Graph[node.Name]).WeightQuantizer is not { } quantizer)
            throw Refused(node, "its weights are float, and an integer network has integers only; set model.name to a quant_ model");
        if (quantizer.Scale == WeightScale.Shifted) throw Refused(node, "an integer network has no zero points; set quantization.weight_quantizer to max_abs or power_of_two");
        ScaledValue input = Integers(node, node.Inputs[0]);
        var (weights, weightScales) = WeightsOf(node);
        var packed = new PackedIntegers(quantizer.BitWidth, weights);
        if (node is Conv conv) Emit(new IntegerConv(node.Name, input.Integers, conv.Channels, conv.Kernel, conv.Stride, conv.Padding, conv.Groups, packed));
        else Emit(new IntegerLinear(node.Name, input.Integers, layer.Channels, packed));

        int groups = node is Conv { Groups: var g } ? g : 1, depth = input.Value.Shape.Channels / groups;
        if (input.Scales.Length > 1 && Enumerable.Range(0, input.Scales.Length).FirstOrDefault(i => input.Scales[i] != input.Scales[i / depth * depth], -1) is >= 0 and var odd)
            throw Refused(node, $"channels {odd / depth * depth} and {odd} of its input {node.Inputs[0]} are added up and have different scales; give the quantizer of its input one scale for all channels");
        double[] scales = [.. Enumerable.Range(0, input.Scales.Length == 1 && weightScales.Length == 1 ? 1 : layer.Channels)
            .Select(channel => input.ScaleOf(channel / (layer.Channels / groups) * depth) * weightScales[weightScales.Length == 1 ? 0 : channel])];
        double[] bias = exact.StateOf(node.Name).FirstOrDefault(entry => entry.Name == "bias").Tensor is { } tensor ? [.. tensor.data<double>()] : [0];
        values.Add(node.Name, new(node.Name, inferred[node.Name], scales, bias, IsSum: true));
    }

    /// <summary>A layer's weights as integers, and their scale: one, or one for each output channel.</summary>
    (sbyte[] Integers, double[] Scales) WeightsOf(Node node)
    {
        using var scope = NewDisposeScope();
        var weights = network.WeightsOf(node.Name);
        Tensor scale = weights.Scale!.to(float32).to(float64);
        return ((weights.Value.to(float64) / scale).round().to(int8).contiguous().data<sbyte>().ToArray(), scale.reshape(-1).data<double>().ToArray());
    }

    IntegerNode InIntegers(Node node)
    {
        if (node is AveragePool { OutputBitWidth: null }) throw Refused(node, "an exact mean is no integer; give the average pool output bits (model.name: a quant_ model)");
        (string, IntegerType)[] inputs = [.. node.Inputs.Select(input => (Integers(node, input).Integers, Graph.Integers.TypeOf(input)!))];
        return node.InIntegers(node.Name, inputs) ?? throw Refused(node, "a node of its kind has no integer form");
    }

    Requantize Rectified(Relu relu)
    {
        ScaledValue input = values[relu.From];
        return new(relu.Name, input.Integers, 0, Math.Max(0, input.Value.Ranges.Max(range => range.High)), [1], [0], [0], []);
    }

    /// <summary>Whether anything takes a node's integers; a quantizer, perhaps after a batch norm, computes from what is before a ReLU.</summary>
    bool IsTakenAsIntegers(Node node) => node == Graph.Output || Graph.ConsumersOf(node.Name).Any(taker => taker.Pointwise == Pointwise.No || (taker is Relu && IsTakenAsIntegers(taker)));

    bool IsInteger(string node) => values.TryGetValue(node, out ScaledValue? value) && !value.IsSum;

    /// <summary>The integers that a node takes.</summary>
    /// <exception cref="LowbitException">What it takes is in real numbers.</exception>
    ScaledValue Integers(Node node, string input) => IsInteger(input)
        ? values[input]
        : throw Refused(node, $"it takes the value of {input}, which is not in integers; quantize it (model.name: a quant_ model)");

    /// <summary>The value whose integers a node's follow from (null for the images), and the nodes between, the node itself the last.</summary>
    (ScaledValue? From, IReadOnlyList<Node> Between) ChainTo(Node node)
    {
        var between = new List<Node>();
        for (; ; node = Graph[node.Inputs[0]])
        {
            if (values.TryGetValue(node.Name, out ScaledValue? value)) return (value, between);
            if (node is Input) return (null, between);
            between.Insert(0, node);
        }
    }

    void Keep(Node node, IntegerNode integers)
    {
        if (Graph.Integers.TypeOf(node.Name) is null) throw Refused(node, $"its operands {string.Join(" and ", node.Inputs)} have different scales; share the quantizer of both (model.name: a quant_ model)");
        Emit(integers);
        double[] scales = ScalesOf(node);
        if (scales.Length > 1) scales = [.. scales.SelectMany(scale => Enumerable.Repeat(scale, inferred[integers.Name].Shape.Channels / scales.Length))];
        values.Add(node.Name, new(integers.Name, inferred[integers.Name], scales, [0]));
    }

    void Emit(IntegerNode node)
    {
        IntegerValue[] inputs = [.. node.Inputs.Select(input => inferred.TryGetValue(input, out IntegerValue? value) ? value : Images)];
        nodes.Add(node);
        inferred.Add(node.Name, node.Infer(inputs));
    }

    IntegerValue Images => new(ShapeOf(Graph.Input.Shape), [.. Enumerable.Repeat(new Interval(0, byte.MaxValue), Graph.Input.Shape.Channels)]);

    double[] ScalesOf(Node node)
    {
        using var scope = NewDisposeScope();
        return exact.ScaleOf(node.Name)!.to(float64).reshape(-1).data<double>().ToArray();
    }

    static ValueShape ShapeOf(Shape shape) => shape.IsFlat ? new(shape.Channels, 1, 1) : new(shape.Channels, shape.Height, shape.Width);

    static LowbitException Refused(Node node, string reason) => new($"{node.Name} ({node.Kind}): {reason}");
}
