using Lowbit.Graphs;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Health;

/// <summary>Says why the loss of a run is no longer a number: what is found in the network, the settings there, and what to change.</summary>
/// <param name="network">The network, as it is then.</param>
/// <param name="advice">The settings and the keys of the run.</param>
/// <param name="startedFrom">The checkpoint that the run started from; null where it started anew.</param>
sealed class Divergence(Network network, Advice advice, string? startedFrom)
{
    /// <summary>Within so many steps after a checkpoint, the checkpoint is to blame.</summary>
    public const int FirstSteps = 2;

    /// <summary>A few sentences, which follow a colon in an error message.</summary>
    /// <param name="images">The images of the batch.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="isStart">Whether the run has only just started.</param>
    public string Of(Tensor images, double rate, bool isStart)
    {
        NodeFinding? finding = FirstBadNode.Find(network, images), origin = Origin;
        string found = origin is null ? FirstBadNode.InWords(finding) : $"{origin.Text}, and now, {FirstBadNode.InWords(finding)}";
        finding = origin ?? finding;
        string change = startedFrom is not null && isStart && !advice.IsFarAboveDefault(rate)
            ? $"The run had only just started from {startedFrom}: start from another checkpoint, or with a lower optimizer.learning_rate."
            : advice.ToChange(finding, rate);
        return $"{found}. {advice.Settings(finding?.Node, rate)} {change}";
    }

    /// <summary>
    /// The node whose gradient was the first that was not finite in the last step, on the way back from the loss: gradients are still there. Null where all are finite,
    /// or none is, which does not tell nodes apart.
    /// </summary>
    NodeFinding? Origin
    {
        get
        {
            using var scope = NewDisposeScope();
            var parameters = network.Parameters.ToArray();
            string[] broken = [.. parameters.Where(entry => IsBroken(entry.Parameter)).Select(entry => entry.Name)];
            if (broken.Length == 0 || broken.Length == parameters.Length) return null;
            Node node = network.Graph.Nodes.Where(node => broken[^1].StartsWith(node.Name + ".", StringComparison.Ordinal)).MaxBy(node => node.Name.Length)!;
            return new(node, NodeFault.NotFinite,
                $"the gradient of {broken[^1]} was not finite in the step before, the first on the way back from the loss ({broken.Length} of {parameters.Length} were not)");
        }
    }

    static bool IsBroken(Tensor parameter) => parameter.grad is { } gradient && !gradient.isfinite().all().item<bool>();
}
