using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// A running average of a network's state: a = d a + (1 - d) w after each step, with d = min(decay, (1 + steps) / (10 + steps)), so that it follows closely in the first steps. Weights, learned scales and
/// the statistics of batch norms are averaged; counters are taken as they are, and so is the quantizer of an activation as long as its scale is collected, not learned.
/// Polyak and Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging"; Tarvainen and Valpola 2017, "Mean teachers are better role models", for the exponential form.
/// </summary>
/// <param name="decay">How much of the average stays in a step, 0 to 1.</param>
sealed class WeightAverage(double decay) : ITrainingTechnique
{
    const string StepsName = "average.steps", NetworkPrefix = "network/";

    Network? network;
    Network? average;
    Tensor? steps;
    Part[] parts = [];

    /// <summary>The network of the averages.</summary>
    public Network Network => average!;

    /// <inheritdoc/>
    public void Begin(Network network)
    {
        this.network = network;
        average = network.Twin();
        steps = zeros([], int64).DetachFromDisposeScope();
        parts = [.. network.Graph.Nodes.Select(Part (node) => new(
            [.. average.StateOf(node.Name).Zip(network.StateOf(node.Name), (mean, now) => (mean.Tensor, now.Tensor))],
            node is Quantize { SharedWith: null } ? network.ActivationOf(node.Name) : null)).Where(part => part.State.Length > 0)];
    }

    /// <inheritdoc/>
    public void BeginStep(double progress)
    {
        foreach (Part part in parts) part.IsCollected = part.Quantization?.CollectsStatistics == true;
    }

    /// <inheritdoc/>
    public void AfterStep()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        long count = steps!.add_(CachedScalar.Of(1), alpha: CachedScalar.Of(1)).item<long>();
        using Scalar share = (1 - Math.Min(decay, (1.0 + count) / (10.0 + count))).ToScalar();
        foreach (Part part in parts)
            foreach (var (mean, now) in part.State)
            {
                if (part.IsCollected || !mean.is_floating_point()) mean.copy_(now);
                else mean.add_(now - mean, alpha: share);
            }
    }

    /// <summary>The state of the network that trains; that of the averages is a checkpoint's network.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => network!.State.Select(entry => (NetworkPrefix + entry.Name, entry.Tensor)).Append((StepsName, steps!));

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> state, string source)
    {
        if (!state.TryGetValue(StepsName, out Tensor? count) || count.dtype != int64 || count.dim() != 0)
            throw new LowbitException($"{source} does not hold the weights that training.ema_decay averages; continue from another checkpoint");
        using var _ = no_grad();
        steps!.copy_(count);
        StateReport.Load(average!, network!.State.ToDictionary());
        StateReport.Load(network, state.Where(entry => entry.Key.StartsWith(NetworkPrefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[NetworkPrefix.Length..], entry => entry.Value))
            .RequireComplete(source);
        StateNumbers.Require(network, source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        average?.Dispose();
        steps?.Dispose();
    }

    /// <summary>The state of a node, averaged and as it is, and its quantizer where it is one.</summary>
    sealed record Part((Tensor Mean, Tensor Now)[] State, ActivationQuantization? Quantization)
    {
        public bool IsCollected { get; set; }
    }
}
