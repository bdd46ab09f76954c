using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>Looks, in a network whose values are all numbers, for the node at which it stops telling images apart.</summary>
sealed class DeadNode
{
    const double ManyChannels = 0.5;

    readonly Network network;
    readonly Dictionary<string, (double Low, double High)> extremes = [];
    NodeFinding? constant, partlyDead;
    double mostDead = ManyChannels;

    DeadNode(Network network) => this.network = network;

    /// <summary>
    /// The first node whose value is the same for each of the images, else the one with the largest share of channels that are 0 throughout, from half on; null
    /// where there is none. The network runs in the mode that it is in.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="run">Runs two images or more, not all equal, node by node, and shows the value of every node.</param>
    public static NodeFinding? Find(Network network, Action<Action<Node, QuantizedTensor>> run)
    {
        using var _ = no_grad();
        var search = new DeadNode(network);
        run(search.Look);
        return search.constant ?? search.partlyDead;
    }

    void Look(Node node, QuantizedTensor value)
    {
        if (constant is not null) return;
        using var scope = NewDisposeScope();
        Tensor x = value.Value.detach();
        extremes[node.Name] = (x.min().to(float64).item<double>(), x.max().to(float64).item<double>());
        long images = x.shape[0];
        if (x.eq(x.slice(0, 0, 1, 1)).all().item<bool>())
        {
            var (fault, reason) = CauseOf(node, value);
            constant = new(node, fault, $"the value of {node.Name} ({node.Kind}) is the same for each of {images} images, {reason}");
            return;
        }
        if (node is not (Relu or Quantize)) return;
        Tensor isDead = x.abs().amax([.. Enumerable.Range(0, (int)x.dim()).Where(axis => axis != 1)]).eq(CachedScalar.Of(0));
        long dead = isDead.sum().item<long>(), channels = isDead.numel();
        if ((double)dead / channels < mostDead) return;
        mostDead = Math.BitIncrement((double)dead / channels);
        partlyDead = new(node, NodeFault.DeadChannels, $"{dead} of the {channels} channels of {node.Name} ({node.Kind}) are 0 for each of {images} images");
    }

    (NodeFault Fault, string Reason) CauseOf(Node node, QuantizedTensor value)
    {
        var (low, high) = extremes[node.Name];
        var (least, most) = node.Inputs.Length == 1 && extremes.TryGetValue(node.Inputs[0], out var input) ? input : (0, 0);
        if (node is IWeighted layer && network.WeightsOf(node.Name) is var weights && weights.Value.count_nonzero().item<long>() == 0)
            return (NodeFault.WeightsAreZero, weights.Scale is { } ofWeights ? $"because all its weights are rounded to 0 at the scale {Number(ofWeights)}" : "because all its weights are 0");
        if (node is Quantize && most > 0 && high == 0 && low == 0)
            return (NodeFault.ScaleTooLarge, $"0, because its scale is {Number(value.Scale!)} and the largest value that it takes {Number(most)}");
        if (node is Quantize && low == high && most - least > 0 && high != 0)
            return (NodeFault.ScaleTooSmall, $"its highest, because its scale is {Number(value.Scale!)} and the values that it takes are {Number(least)} to {Number(most)}");
        return (NodeFault.Constant, low == high && low == 0 ? "0" : "while its inputs differ");
    }

    static string Number(Tensor scale) => Number(scale.to(float64).mean().item<double>());

    static string Number(double value) => FormattableString.Invariant($"{value:g3}");
}
