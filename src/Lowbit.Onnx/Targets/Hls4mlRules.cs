using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Targets;

/// <summary>
/// What hls4ml refuses, or computes otherwise: it calculates in fixed point, so that only scales which are powers of two stay what they are. Duarte et al.
/// 2018, "Fast inference of deep neural networks in FPGAs for particle physics".
/// </summary>
static class Hls4mlRules
{
    public static IEnumerable<string> Breaches(Network network, ExportOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var breaches = new List<string>();
        foreach (Node node in network.Graph.Nodes)
            breaches.AddRange((node switch
            {
                Normalize normalize when options.Input == ExportInput.Pixels && !DividesExactly(normalize) =>
                    ["divides by the deviation of the images in fixed point, too coarse for the next quantizer; set --input normalized"],
                IWeighted layer => OfLayer(layer, network),
                Quantize { SharedWith: null } quantize => OfQuantizer(quantize, network),
                AveragePool { OutputBitWidth: null } => ["reads no average pool; give it output bits, which become a convolution (model.name: a quant_ model)"],
                _ => [],
            }).Select(breach => $"{node.Name}: hls4ml {breach}"));
        return breaches;
    }

    static IEnumerable<string> OfLayer(IWeighted layer, Network network)
    {
        if (layer.WeightQuantizer is not { } quantizer) return [];
        if (quantizer.Scale.HasZeroPoint) return ["takes weights without a zero point only; set quantization.weight_quantizer to power_of_two"];
        return ArePowersOfTwo(network.WeightsOf(layer.Name).Scale!)
            ? []
            : ["keeps the values of weights only if their scales are powers of two; set quantization.weight_quantizer to power_of_two"];
    }

    static IEnumerable<string> OfQuantizer(Quantize node, Network network)
    {
        if (node.Quantizer.Scale.HasZeroPoint) return ["takes activations without a zero point only; set quantization.act_quantizer to power_of_two"];
        return ArePowersOfTwo(network.ActivationOf(node.Name).EvaluationScale.Scale)
            ? []
            : ["keeps the values of activations only if their scales are powers of two; set quantization.act_quantizer to power_of_two"];
    }

    static bool DividesExactly(Normalize node) => new Writing.FloatTensor([.. node.Std.Select(deviation => (float)deviation)], [node.Std.Length]).ArePowersOfTwo;

    static bool ArePowersOfTwo(Tensor scales) => Writing.FloatTensor.Of(scales).ArePowersOfTwo;
}
