using Lowbit.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>Names the node of a network whose value is the first that is not a finite number, once it is known that some are not.</summary>
static class FirstBadNode
{
    /// <summary>
    /// Runs images once more, node by node by plain operations, in the network's mode; the network is left as it is. Where all values are numbers, looks for a node at
    /// which the network stops telling images apart; null where there is none either.
    /// </summary>
    public static NodeFinding? Find(Network network, Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using Network twin = TwinOf(network);
        NodeFinding? found = null;
        twin.RunNodeByNode(images.to(network.Device), (node, value) => found ??= Describe(network, node, value.Value));
        if (found is not null || images.shape[0] < 2 || images.eq(images.slice(0, 0, 1, 1)).all().item<bool>()) return found;
        return DeadNode.Find(network, observe => twin.RunNodeByNode(images.to(network.Device), observe));
    }

    /// <summary>The same in words.</summary>
    public static string Of(Network network, Tensor images) => InWords(Find(network, images));

    /// <summary>A description of what was found, which follows a colon in an error message.</summary>
    public static string InWords(NodeFinding? found) => found switch
    {
        null => "each node, computed on its own, gives numbers for these images, so that they end in the loss itself",
        { Fault: NodeFault.NotFinite } => found.Text,
        _ => $"each node gives numbers for these images, and {found.Text}",
    };

    static NodeFinding? Describe(Network network, Node node, Tensor value)
    {
        if (StateNumbers.FirstNotFinite(value) is not { } wrong) return null;
        string cause = BrokenState(network, node.Name) is { } state ? $", because {state}" : ", from inputs and parameters that are numbers";
        return new(node, NodeFault.NotFinite, $"first in the network, the value of {node.Name} ({node.Kind}) is {wrong}{cause}");
    }

    static string? BrokenState(Network network, string node) =>
        network.StateOf(node).Select(entry => StateNumbers.FirstNotFinite(entry.Tensor) is { } wrong ? $"{node}.{entry.Name} is {wrong}" : null).FirstOrDefault(wrong => wrong is not null)
        ?? StateNumbers.FirstWrong(network, node);

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
