using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;

namespace Lowbit.Training.Health;

/// <summary>The settings at a node where a run went wrong, and the keys to change, by cause.</summary>
/// <param name="graph">The network.</param>
/// <param name="options">What the run was asked for.</param>
sealed class Advice(Graph graph, RunOptions options)
{
    /// <summary>From this multiple of the optimizer's default on, the learning rate is the cause before all others.</summary>
    const double FarAbove = 3;

    /// <summary>What the quantize pass puts after the name of a value, for its quantizer.</summary>
    static readonly string[] QuantizerEndings = [".quant", ".narrow"];

    OptimizerOptions Default => new() { Name = options.Optimizer.Name };

    string OptimizerName => options.Optimizer.Name.ToString().ToLowerInvariant();

    /// <summary>Whether a learning rate, or the one that warm-up leads to, is so high that it is the cause before all others.</summary>
    public bool IsFarAboveDefault(double rate) => Math.Max(rate, options.Optimizer.LearningRate) > FarAbove * Default.LearningRate;

    /// <summary>The bits and quantizers at a node, and the learning rate, as a sentence; without a node, the learning rate alone.</summary>
    public string Settings(Node? node, double rate)
    {
        string[] parts =
        [
            .. LayerAt(node) is { WeightQuantizer: { } w } layer ? new[] { $"{layer.Name} has weights of {Bits(w.BitWidth)} ({w.Scale}{(w.IsPerTensor ? "" : ", a scale for each channel")})" } : [],
            .. QuantizerAt(node) is { Quantizer: var a } quantize ? new[] { $"{quantize.Name} has activations of {Bits(a.BitWidth)} ({a.Scale})" } : [],
            FormattableString.Invariant($"the learning rate is {rate:g4}"),
        ];
        return parts.Length == 1 ? $"{char.ToUpperInvariant(parts[0][0])}{parts[0][1..]}." : $"There, {string.Join(", ", parts[..^1])}, and {parts[^1]}.";
    }

    /// <summary>What to change for what was found at a node, as a sentence; without a node, for a network in which nothing was found.</summary>
    public string ToChange(NodeFinding? finding, double rate)
    {
        if (IsFarAboveDefault(rate))
            return FormattableString.Invariant($"Lower optimizer.learning_rate: the default of {OptimizerName} is {Default.LearningRate:g4}.");
        string[] keys = [.. KeysFor(finding)];
        return $"What can help: {string.Join("; ", keys)}.";
    }

    IEnumerable<string> KeysFor(NodeFinding? finding)
    {
        Node? node = finding?.Node;
        bool isOfRange = finding is { Fault: NodeFault.WeightsAreZero or NodeFault.ScaleTooLarge };
        if (finding is { Fault: NodeFault.ScaleTooLarge } && QuantizerAt(node)?.Quantizer.Scale != ActivationScale.LearnedStep) yield return "a lower quantization.act_percentile";
        if (!isOfRange && options.Scheduler.WarmupEpochs == 0) yield return "scheduler.warmup_epochs: 1 or more";
        if (!isOfRange) yield return "a smaller optimizer.clip_norm";
        if (finding is { Fault: NodeFault.WeightsAreZero }) yield return "another quantization.weight_quantizer";
        if (MoreBitsAt(node) is { } more) yield return more;
        if (graph.IsQuantized && options is not RunConfiguration { Model.Pretrained: not null })
            yield return "starting from float weights (model.pretrained, or quantization.stages)";
        if (!isOfRange) yield return "a lower optimizer.learning_rate";
    }

    /// <summary>An override that gives the layer at a node twice the bits, in weights or, where those have 8, in activations.</summary>
    string? MoreBitsAt(Node? node)
    {
        if (node is not Quantize && LayerAt(node) is { WeightQuantizer.BitWidth: < 8 and var weightBits } layer)
            return $"more bits in quantization.overrides, {{ layers: {layer.Name}, weight_bit_width: {Math.Min(8, 2 * weightBits)} }}";
        return QuantizerAt(node) is { Quantizer.BitWidth: < 8 and var bits } quantize
            ? $"more bits in quantization.overrides, {{ layers: {ValueOf(quantize)}, act_bit_width: {Math.Min(8, 2 * bits)} }}"
            : null;
    }

    /// <summary>The name that overrides have for the value of a quantizer.</summary>
    static string ValueOf(Quantize quantize)
    {
        string? ending = QuantizerEndings.FirstOrDefault(ending => quantize.Owner.EndsWith(ending, StringComparison.Ordinal));
        return ending is null ? quantize.Owner : quantize.Owner[..^ending.Length];
    }

    /// <summary>The layer that a node is, or whose value it works on.</summary>
    IWeighted? LayerAt(Node? node) => Before(node).OfType<IWeighted>().FirstOrDefault();

    /// <summary>The quantizer that a node is, or whose value the layer at it takes.</summary>
    Quantize? QuantizerAt(Node? node) => Before(node).OfType<Quantize>().FirstOrDefault();

    /// <summary>A node and those before it, each the first input of the one after it.</summary>
    IEnumerable<Node> Before(Node? node)
    {
        for (; node is not null; node = node.Inputs.IsEmpty ? null : graph[node.Inputs[0]]) yield return node;
    }

    static string Bits(int bits) => bits == 1 ? "1 bit" : $"{bits} bits";
}
