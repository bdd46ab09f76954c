using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Starts a network from a checkpoint's weights, whatever its bit widths. Scales of weights follow from the weights; scales of activations that
/// the checkpoint does not have (a float one has none) are set from a few batches of training images. Where the quantize pass rectifies residual
/// branches (<see cref="ResidualForm.Relu"/>), the statistics of batch norms are others than the float network's: they are estimated anew first.
/// </summary>
static class PretrainedWeights
{
    const int CalibrationBatches = 10, NormBatches = 50;

    public static void Load(Network network, string path, DatasetSplits data, RunConfiguration configuration, ITrainingObserver observer)
    {
        string file = RunFolder.FindCheckpoint(path, preferBest: true);
        Safetensors source = Safetensors.Read(file);
        StateReport report = StateReport.Load(network, source.Tensors);
        foreach (var tensor in source.Tensors.Values) tensor.Dispose();
        if (report.Loaded.Count == 0)
            throw new LowbitException($"model.pretrained: nothing in {file} has a name that {configuration.Model.Name} knows");
        observer.Notice($"{report.Loaded.Count} tensors start from {file}");
        string[] thresholds = [.. report.Missing.Where(network.IsQuantizerParameter)];
        string[] others = [.. report.Missing.Except(thresholds), .. report.Mismatched.Select(entry => entry.Name)];
        if (others.Length > 0) observer.Notice($"{others.Length} tensors are not in it, or of another shape, and start at random: {Listed(others)}");
        if (thresholds.Length == 0) return;
        DataLoader loader = data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value);
        if (configuration.Quantization.Residual == ResidualForm.Relu && network.Graph.Nodes.Any(node => node is Add))
        {
            network.RecalibrateBatchNorm(ImagesOf(Enumerable.Range(0, NormBatches).SelectMany(epoch => loader.Epoch(epoch)).Take(NormBatches), network.Device));
            observer.Notice($"The statistics of batch norms are estimated anew from {NormBatches} batches, because adds take rectified values");
        }
        network.Calibrate(ImagesOf(loader.Epoch(0).Take(CalibrationBatches), network.Device));
        long batches = Math.Min(Math.Min(CalibrationBatches, configuration.Quantization.CollectStatsSteps), loader.BatchCount);
        observer.Notice($"The scales of activations are set from {batches} batches");
    }

    static IEnumerable<Tensor> ImagesOf(IEnumerable<Batch> batches, Device device)
    {
        foreach (Batch batch in batches)
        {
            using (batch)
            using (Tensor images = batch.Images.to(device)) yield return images;
        }
    }

    static string Listed(string[] names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", ..." : "");
}
