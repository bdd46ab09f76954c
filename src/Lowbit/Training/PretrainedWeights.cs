using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;

namespace Lowbit.Training;

/// <summary>
/// Starts a network from a checkpoint's weights, whatever its bit widths. Quantizers that the checkpoint has as they are here go on with its scales. All others
/// start anew, also where it has a scale for another bit width: learned scales of weights from the weights, scales of activations from a few batches of training
/// images. Then the network computes other values than the one that the checkpoint was trained as, and the statistics of batch norms are estimated anew first.
/// </summary>
static class PretrainedWeights
{
    const int CalibrationBatches = 10, NormBatches = 50;

    public static void Load(Network network, string path, DatasetSplits data, RunConfiguration configuration, ITrainingObserver observer, CancellationToken cancel = default)
    {
        string file = RunFolder.FindCheckpoint(path, preferBest: true);
        StateReport report = LoadState(network, file, data.Info, out bool isRequantized);
        if (report.Loaded.Count == 0)
            throw new LowbitException($"model.pretrained: nothing in {file} has a name and a shape that {configuration.Model.Name} knows");
        observer.Notice($"{report.Loaded.Count} tensors start from {file}");
        string[] notLoaded = [.. report.Missing, .. report.Mismatched.Select(entry => entry.Name)];
        string[] scales = network.StartWeightQuantizers(notLoaded), thresholds = [.. report.Missing.Where(network.IsActivationQuantizerParameter)];
        if (scales.Length > 0) observer.Notice($"{scales.Length} scales of weights start from the weights");
        string[] others = [.. notLoaded.Except(scales).Except(thresholds)];
        if (others.Length > 0) observer.Notice($"{others.Length} tensors are not in it, or of another shape, and start at random: {Listed(others)}");
        DataLoader loader = data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value);
        if ((isRequantized || thresholds.Length > 0) && network.Graph.Nodes.Any(node => node is BatchNorm))
        {
            network.RecalibrateBatchNorm(TrainingImages.Of(data, configuration, NormBatches, network.Device, cancel));
            observer.Notice($"The statistics of batch norms are estimated anew from {NormBatches} batches, because {file} quantizes otherwise");
        }
        if (thresholds.Length == 0) return;
        network.Calibrate(TrainingImages.Of(data, configuration, Math.Min(CalibrationBatches, loader.BatchCount), network.Device, cancel));
        long batches = Math.Min(Math.Min(CalibrationBatches, configuration.Quantization.CollectStatsSteps ?? CalibrationBatches), loader.BatchCount);
        observer.Notice($"The scales of activations are set from {batches} batches");
    }

    static StateReport LoadState(Network network, string file, DatasetInfo data, out bool isRequantized)
    {
        using Safetensors source = Safetensors.Read(file);
        RequireSameClasses(source, data, file);
        string[] requantized = Checkpoint.GraphOf(source, file) is { } graph ? [.. Requantized(graph, network.Graph)] : [];
        isRequantized = requantized.Length > 0;
        StateReport report = StateReport.Load(network, source.Tensors.Where(entry => !requantized.Any(node => network.IsQuantizerState(node, entry.Key))).ToDictionary());
        if (StateNumbers.FirstWrong(network) is { } wrong)
            throw new LowbitException($"model.pretrained: {file} cannot be used: {wrong}; give another checkpoint, from before its training went wrong");
        return report;
    }

    /// <summary>The nodes whose quantizer is another than in the network that a checkpoint holds, or not there.</summary>
    static IEnumerable<string> Requantized(Graph checkpoint, Graph network)
    {
        Dictionary<string, object?> before = checkpoint.Nodes.ToDictionary(node => node.Name, QuantizerOf);
        return network.Nodes.Where(node => QuantizerOf(node) is { } quantizer && !quantizer.Equals(before.GetValueOrDefault(node.Name))).Select(node => node.Name);
    }

    /// <summary>What a node's quantizer computes, however its scale is found; null where it has none.</summary>
    static object? QuantizerOf(Node node) => node switch
    {
        Quantize quantize => quantize.Quantizer with { CollectStatisticsSteps = 0, Percentile = ActivationQuantizer.DefaultPercentile },
        IWeighted weighted => weighted.WeightQuantizer,
        _ => null,
    };

    /// <summary>Another dataset's weights are a start for any classes; those of this dataset, when it had a class more or less, would name images wrongly.</summary>
    static void RequireSameClasses(Safetensors source, DatasetInfo data, string file)
    {
        if (Checkpoint.DatasetOf(source, file) is { } trained && trained.Name == data.Name && ClassLists.Overlap(trained, data))
            ClassLists.RequireSame(trained, data, file);
    }

    static string Listed(string[] names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", ..." : "");
}
