using Lowbit.Configuration;
using Lowbit.Data;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>Training images that statistics are taken of: the same each time, in the order and with the changes of an epoch 0, which no run trains, and of those after it where they are not enough.</summary>
static class TrainingImages
{
    /// <summary>Batches of images, each disposed when the next one is taken.</summary>
    /// <param name="data">The images of a run.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="batches">How many.</param>
    /// <param name="device">Where they are to be.</param>
    /// <param name="cancel">Ends them early.</param>
    /// <exception cref="OperationCanceledException">They were ended early.</exception>
    public static IEnumerable<Tensor> Of(DatasetSplits data, RunOptions options, int batches, Device device, CancellationToken cancel)
    {
        DataLoader loader = data.TrainingLoader(options.Training.BatchSize, options.Seed.Value);
        foreach (Batch batch in Enumerable.Range(0, int.MaxValue).SelectMany(epoch => loader.Epoch(epoch, cancel: cancel)).Take(batches))
        {
            cancel.ThrowIfCancellationRequested();
            using (batch)
            using (Tensor images = batch.Images.to(device)) yield return images;
        }
    }
}
