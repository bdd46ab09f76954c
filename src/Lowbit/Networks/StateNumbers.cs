using Lowbit.Graphs.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>
/// Finds the numbers in a network's state that no training leaves there and nothing can be computed from: values that are not finite, variances
/// and counters below zero, scales of zero or below.
/// </summary>
static class StateNumbers
{
    /// <summary>The suffixes of tensors that hold no negative number: those of batch norms, of Adam's squares, and what is counted.</summary>
    static readonly string[] NeverNegative = [".running_var", ".square", ".batches", ".steps"];

    /// <summary>Refuses a network that holds such a number, under the name of what it came from.</summary>
    /// <exception cref="LowbitException">It does; the message names the tensor and what stands there.</exception>
    public static void Require(Network network, string source)
    {
        if (FirstWrong(network) is { } wrong) throw new LowbitException($"{source} cannot be used: {wrong}");
    }

    /// <summary>What stands in the first tensor of a network that holds such a number, in the order of the graph; null where none does.</summary>
    public static string? FirstWrong(Network network)
    {
        using var _ = no_grad();
        return network.Graph.Nodes.Select(node => FirstWrong(network, node.Name)).FirstOrDefault(wrong => wrong is not null);
    }

    /// <summary>The same of one node.</summary>
    public static string? FirstWrong(Network network, string node)
    {
        using var scope = NewDisposeScope();
        return network.StateOf(node).Select(entry => Wrong($"{node}.{entry.Name}", entry.Tensor)).FirstOrDefault(wrong => wrong is not null)
            ?? WrongScale(network, node);
    }

    /// <summary>What stands in a tensor of a file that no network would have there, whichever it belongs to; null where nothing does.</summary>
    public static string? Wrong(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor values = tensor.detach();
        if (NotFinite(name, values) is { } notFinite) return notFinite;
        return NeverNegative.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal))
            ? First(name, values, values.lt(CachedScalar.Of(0)), "which cannot be negative")
            : null;
    }

    /// <summary>What is wrong with the scale that a quantizer of a node has in evaluation.</summary>
    static string? WrongScale(Network network, string node)
    {
        const string reason = "which must be more than 0 and finite, as a scale";
        Tensor? scale = network.Graph[node] switch
        {
            Quantize { SharedWith: null } => network.ActivationOf(node).EvaluationScale.Scale,
            IWeighted { WeightQuantizer: not null } => network.WeightsOf(node).Scale,
            _ => null,
        };
        if (network.Graph[node] is Quantize { SharedWith: null } && network.ActivationOf(node).Thresholds is { } thresholds
            && First($"{node}.threshold.value", thresholds, thresholds.le(CachedScalar.Of(0)), reason) is { } threshold) return threshold;
        return scale is null ? null : First($"the scale of {node}", scale, scale.gt(CachedScalar.Of(0)).logical_and(scale.isfinite()).logical_not(), reason);
    }

    /// <summary>What stands at the first place of a node's value that is no finite number; null where all are.</summary>
    public static string? NotFinite(string name, Tensor value)
    {
        using var scope = NewDisposeScope();
        Tensor values = value.detach();
        return First(name, values, values.isfinite().logical_not(), "which is not a finite number");
    }

    /// <summary>Where the first of a tensor's values that is no finite number stands, as "NaN at [0, 1]"; null where all are.</summary>
    public static string? FirstNotFinite(Tensor value)
    {
        using var scope = NewDisposeScope();
        Tensor values = value.detach(), isWrong = values.isfinite().logical_not();
        return isWrong.any().item<bool>() ? ValueAt(values, isWrong.reshape(-1).to(int64).argmax().item<long>()) : null;
    }

    static string? First(string name, Tensor values, Tensor isWrong, string reason)
    {
        if (values.numel() == 0 || !isWrong.any().item<bool>()) return null;
        long index = isWrong.reshape(-1).to(int64).argmax().item<long>(), count = isWrong.sum().item<long>();
        string others = count > 1 ? $" ({count} of its {values.numel()} values are such)" : "";
        return $"{Printable.Short(name)} is {ValueAt(values, index)}, {reason}{others}";
    }

    static string ValueAt(Tensor values, long index)
    {
        double value = values.reshape(-1)[index].to(float64).item<double>();
        return FormattableString.Invariant($"{value:g6}{(values.dim() == 0 ? "" : $" at [{string.Join(", ", Place(index, values.shape))}]")}");
    }

    static long[] Place(long index, long[] shape)
    {
        long[] place = new long[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--) (index, place[axis]) = Math.DivRem(index, shape[axis]);
        return place;
    }
}
