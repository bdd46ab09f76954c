using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Training;

/// <summary>Says in one line what was chosen for the keys that a configuration leaves open.</summary>
static class ChosenDefaults
{
    /// <summary>The line; null where every key has a value.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="graph">Its network.</param>
    public static string? Of(RunOptions options, Graph graph)
    {
        string[] choices = [.. options is RunConfiguration configuration && graph.IsQuantized ? OfQuantization(configuration.Quantization, graph) : [], .. OfTraining(options)];
        return choices.Length == 0 ? null : $"Chosen by default: {string.Join("; ", choices)}";
    }

    static IEnumerable<string> OfQuantization(QuantizationOptions options, Graph graph)
    {
        if (options.Scheme != QuantizationScheme.LearnedScales) yield break;
        if (options.WeightQuantizer == QuantizationOptions.Auto) yield return $"weights by {Weights(graph)}";
        Quantize[] activations = [.. graph.Nodes.OfType<Quantize>()];
        if (options.ActQuantizer == QuantizationOptions.Auto)
            yield return $"activations by {activations[^1].Quantizer.Scale}"
                + (options.CollectStatsSteps is null ? $" after {activations[^1].Quantizer.CollectStatisticsSteps} batches of statistics" : "");
        if (!graph.Nodes.Any(node => node is Add)) yield break;
        if (options.Residual is null) yield return "residual branches signed";
        if (options.ResidualBitWidth is null) yield return $"residual streams of {graph.Integers.BitWidthOf(graph.Nodes.OfType<Add>().First().Left)} bits";
    }

    static IEnumerable<string> OfTraining(RunOptions options)
    {
        if (options.Scheduler.WarmupEpochs is null && LearningRateSchedule.WarmupOf(options.Scheduler, options.Training.Epochs) is > 0 and var epochs)
            yield return string.Create(CultureInfo.InvariantCulture, $"warm-up of {epochs:0.##} epoch{(epochs == 1 ? "" : "s")}");
        if (options.Optimizer.ClipNorm is null) yield return string.Create(CultureInfo.InvariantCulture, $"gradients of norm {GradientLimits.DefaultClipNorm} at most");
        if (GradientLimits.DefaultLayerLimit(options.Optimizer.Name) is not (> 0 and var limit)) yield break;
        if (options.Optimizer.LastLayerClipNorm is null) yield return string.Create(CultureInfo.InvariantCulture, $"those of the last layer of norm {limit}");
        if (options.Optimizer.ClipRatio is null) yield return string.Create(CultureInfo.InvariantCulture, $"those of other layers of {limit} of their weights' norm");
    }

    /// <summary>max_abs (8 bits) and gaussian (2 bits).</summary>
    static string Weights(Graph graph) => string.Join(" and ", graph.WeightedNodes
        .Select(layer => layer.WeightQuantizer).OfType<WeightQuantizer>()
        .GroupBy(quantizer => quantizer.Scale.Name, quantizer => quantizer.BitWidth)
        .Select(scale => $"{scale.Key} ({string.Join(", ", scale.Distinct().Order())} bits)"));
}
