using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;

namespace Lowbit.Export.Targets;

/// <summary>
/// What FINN's import, streamlining and hardware mapping refuse, or leave to the processor. Umuroglu et al. 2017, "FINN: A Framework for Fast, Scalable
/// Binarized Neural Network Inference"; the rules are those of its sources.
/// </summary>
static class FinnRules
{
    public static IEnumerable<string> Breaches(Network network, ExportOptions options)
    {
        if (options.Batch != 1)
            yield return $"input: FINN maps files that take one image at a time, and this one takes {options.Batch?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number"}; set --batch 1";
        IntegerAnalysis types = network.Graph.Integers;
        foreach (Node node in network.Graph.Nodes)
            foreach (string breach in OfNode(node, network, types)) yield return $"{node.Name}: FINN {breach}";
    }

    static IEnumerable<string> OfNode(Node node, Network network, IntegerAnalysis types) => node switch
    {
        IWeighted layer => OfLayer(node, layer, network.Graph, types),
        Quantize quantize => OfQuantizer(quantize, network),
        MaxPool pool when types.TypeOf(pool.From) is null => ["maps a max pool after a quantizer only; quantize its input (model.name: a quant_ model)"],
        AveragePool { OutputBitWidth: null } => ["maps a truncated average pool only; give it output bits (model.name: a quant_ model)"],
        Add when types.TypeOf(node.Name) is null => ["adds integers of one shared scale only; share the quantizer of both operands (model.name: a quant_ model)"],
        _ => [],
    };

    static IEnumerable<string> OfLayer(Node node, IWeighted layer, Graph graph, IntegerAnalysis types)
    {
        if (layer.WeightQuantizer is not { } weights) yield return "maps integer weights only, and these are float; set model.name to a quant_ model";
        else if (weights.Scale.HasZeroPoint)
            yield return "takes weights without a zero point only; set quantization.weight_quantizer to max_abs or power_of_two";
        if (types.TypeOf(node.Inputs[0]) is null) yield return "leaves a layer whose input is not quantized to the processor; quantize its input (model.name: a quant_ model)";
        if (node is Conv { Groups: > 1 } conv && (conv.Groups != conv.Channels || conv.Groups != graph.ShapeOf(conv.From).Channels))
            yield return $"maps plain and depthwise convolutions only, and this one has {conv.Groups} groups; change the network";
    }

    static IEnumerable<string> OfQuantizer(Quantize node, Network network)
    {
        ActivationQuantizer quantizer = node.Quantizer;
        Node before = network.Graph[node.From];
        string key = before is Input or Normalize ? "quantization.in_bit_width" : "quantization.act_bit_width";
        if (quantizer.Scale.HasZeroPoint)
            yield return "takes activations without a zero point only; set quantization.act_quantizer to learned or power_of_two";
        if (quantizer.Range.IsBinary && ScaleOf(network, node).Any(scale => scale != 1))
            yield return $"takes values of -1 and +1 with the scale 1 only; set {key} to 2 or more, or quantization.scheme to bnn_pynq";
        if (before is Relu && quantizer.Range.IsSigned) yield return "takes unsigned values only after a ReLU; change the network";
        if (before is not (Relu or BatchNorm or TensorNorm or Add or Normalize or Input or Quantize))
            yield return $"takes a quantizer after a ReLU, a batch norm, an add, another quantizer or the input only, and this one is after a {before.Kind}; change the network";
        if (quantizer.PerChannel && network.Graph.ConsumersOf(node.Name).Any(taker => taker is Conv { Groups: > 1 }))
            yield return "leaves one scale for each channel before a depthwise convolution as a float product; use one scale for all channels";
    }

    static float[] ScaleOf(Network network, Quantize node)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return Writing.FloatTensor.Of(network.ActivationOf(node.Name).EvaluationScale.Scale).Values;
    }
}
