using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Starts a network from a checkpoint's weights, whatever its bit widths. Scales of weights follow from the weights, or start from them where the
/// checkpoint has none; scales of activations that it does not have (a float one has none) are set from a few batches of training images. Where
/// the quantize pass rectifies residual branches (<see cref="ResidualForm.Relu"/>), the statistics of batch norms are others than the float
/// network's: they are estimated anew first.
/// </summary>
static class PretrainedWeights
{
    const int CalibrationBatches = 10, NormBatches = 50;

    public static void Load(Network network, string path, DatasetSplits data, RunConfiguration configuration, ITrainingObserver observer, CancellationToken cancel = default)
    {
        string file = RunFolder.FindCheckpoint(path, preferBest: true);
        StateReport report = LoadState(network, file, data.Info);
        if (report.Loaded.Count == 0)
            throw new LowbitException($"model.pretrained: nothing in {file} has a name and a shape that {configuration.Model.Name} knows");
        observer.Notice($"{report.Loaded.Count} tensors start from {file}");
        string[] notLoaded = [.. report.Missing, .. report.Mismatched.Select(entry => entry.Name)];
        string[] scales = network.StartWeightQuantizers(notLoaded), thresholds = [.. report.Missing.Where(network.IsActivationQuantizerParameter)];
        if (scales.Length > 0) observer.Notice($"{scales.Length} scales of weights start from the weights");
        string[] others = [.. notLoaded.Except(scales).Except(thresholds)];
        if (others.Length > 0) observer.Notice($"{others.Length} tensors are not in it, or of another shape, and start at random: {Listed(others)}");
        if (thresholds.Length == 0) return;
        DataLoader loader = data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value);
        if (configuration.Quantization.Residual == ResidualForm.Relu && network.Graph.Nodes.Any(node => node is Add))
        {
            network.RecalibrateBatchNorm(ImagesOf(Enumerable.Range(0, NormBatches).SelectMany(epoch => loader.Epoch(epoch, cancel: cancel)).Take(NormBatches), network.Device, cancel));
            observer.Notice($"The statistics of batch norms are estimated anew from {NormBatches} batches, because adds take rectified values");
        }
        network.Calibrate(ImagesOf(loader.Epoch(0, cancel: cancel).Take(CalibrationBatches), network.Device, cancel));
        long batches = Math.Min(Math.Min(CalibrationBatches, configuration.Quantization.CollectStatsSteps ?? CalibrationBatches), loader.BatchCount);
        observer.Notice($"The scales of activations are set from {batches} batches");
    }

    static StateReport LoadState(Network network, string file, DatasetInfo data)
    {
        using Safetensors source = Safetensors.Read(file);
        RequireSameClasses(source, data, file);
        StateReport report = StateReport.Load(network, source.Tensors);
        if (StateNumbers.FirstWrong(network) is { } wrong)
            throw new LowbitException($"model.pretrained: {file} cannot be used: {wrong}; give another checkpoint, from before its training went wrong");
        return report;
    }

    /// <summary>Another dataset's weights are a start for any classes; those of this dataset, when it had a class more or less, would name images wrongly.</summary>
    static void RequireSameClasses(Safetensors source, DatasetInfo data, string file)
    {
        if (Checkpoint.DatasetOf(source, file) is { } trained && trained.Name == data.Name && ClassLists.Overlap(trained, data))
            ClassLists.RequireSame(trained, data, file);
    }

    static IEnumerable<Tensor> ImagesOf(IEnumerable<Batch> batches, Device device, CancellationToken cancel)
    {
        foreach (Batch batch in batches)
        {
            cancel.ThrowIfCancellationRequested();
            using (batch)
            using (Tensor images = batch.Images.to(device)) yield return images;
        }
    }

    static string Listed(string[] names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", ..." : "");
}
