using Lowbit.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>Names the node of a network whose value is the first that is not a finite number, once it is known that some are not.</summary>
static class FirstBadNode
{
    /// <summary>Runs images once more, node by node by plain operations, in the network's mode, and tells in words what was found; the network is left as it is.</summary>
    public static string Of(Network network, Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using Network twin = TwinOf(network);
        string? found = null;
        twin.Run(images.to(network.Device), (node, value) => found ??= Describe(network, node, value.Value));
        return found ?? "each node, computed on its own, gives numbers for these images, so that they end in the loss itself";
    }

    static string? Describe(Network network, Node node, Tensor value)
    {
        if (StateNumbers.NotFinite($"the value of {node.Name} ({node.Kind})", value) is not { } wrong) return null;
        string cause = StateNumbers.FirstWrong(network, node.Name) is { } state ? $", because {state}" : ", from inputs and parameters that are numbers";
        return $"the first in the network is {wrong}{cause}";
    }

    static Network TwinOf(Network network)
    {
        var twin = new Network(network.Graph, useKernels: false);
        twin.to(network.Parameters.First().Parameter.dtype);
        twin.MoveTo(network.Device);
        foreach (var ((_, copy), (_, original)) in twin.State.Zip(network.State)) copy.copy_(original);
        twin.train(network.training);
        return twin;
    }
}
