using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>
/// A trained network in float64, for evaluation: the integers, scales and constants are those that it has in float32, its nodes run one after the
/// other by plain operations. What it computes is the network's value without rounding on the way, so that it shows which differences are rounding.
/// </summary>
public static class DoublePrecision
{
    /// <summary>The twin of a network, on the CPU; the network is left as it is.</summary>
    /// <param name="network">The network.</param>
    /// <param name="withoutNormalization">Whether the twin takes normalized images, its normalization left out.</param>
    public static Network Of(Network network, bool withoutNormalization = false)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var twin = new Network(GraphOf(network.Graph, withoutNormalization), useKernels: false, quantize => Fixed(network.ActivationOf(quantize.Name)));
        twin.to(float64);
        foreach (Node node in twin.Graph.Nodes.Where(node => node is not Quantize))
            foreach (var (name, tensor) in twin.StateOf(node.Name)) tensor.copy_(Source(network, node.Name, name));
        twin.eval();
        return twin;
    }

    static Graph GraphOf(Graph graph, bool withoutNormalization)
    {
        var nodes = graph.Nodes.Select(WithSinglePrecision);
        if (!withoutNormalization || graph.Nodes.OfType<Normalize>().FirstOrDefault() is not { } normalize) return new(nodes);
        return new(nodes.Where(node => node.Name != normalize.Name).Select(node => node.WithInputs([.. node.Inputs.Select(input => input == normalize.Name ? normalize.From : input)])));
    }

    /// <summary>The node with its constants rounded to float32, and with weights and biases that are what the other network's quantizers gave.</summary>
    static Node WithSinglePrecision(Node node) => (node is IWeighted weighted ? weighted.WithQuantizers(null, null) : node).WithSinglePrecision();

    static FixedActivations Fixed(ActivationQuantization quantization)
    {
        var (scale, zeroPoint) = quantization.EvaluationScale;
        return new(quantization.Quantizer, Kept(scale.to(float32)), zeroPoint is null ? null : Kept(zeroPoint));

        static Tensor Kept(Tensor tensor) => tensor.detach().cpu().to(float64, copy: true).DetachFromDisposeScope();
    }

    static Tensor Source(Network network, string node, string name) => (network.Graph[node], name) switch
    {
        (IWeighted, "weight") => Weights(network.WeightsOf(node)),
        (IWeighted, "bias") => network.BiasOf(node)!.to(float32),
        _ => network.StateOf(node).First(entry => entry.Name == name).Tensor,
    };

    /// <summary>Integers times scale, in float64; float weights as they are.</summary>
    static Tensor Weights(QuantizedTensor weights)
    {
        if (weights.Scale is not { } given) return weights.Value;
        Tensor scale = given.to(float32).to(float64);
        return (weights.Value.to(float64) / scale).round() * scale;
    }
}
