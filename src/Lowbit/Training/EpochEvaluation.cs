using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Evaluates a network at the end of an epoch: on the validation images, and on the test images where there are no others,
/// where <c>training.test_frequency</c> asks for it, or where training ends.
/// </summary>
sealed class EpochEvaluation(DatasetSplits data, RunOptions options, Loss loss, ITrainingObserver observer)
{
    /// <summary>The scores; null for images that there are none of, or that wait for a later epoch.</summary>
    /// <param name="network">The network, whose batch norms are estimated anew where the options ask for it.</param>
    /// <param name="epoch">The epoch that ends.</param>
    /// <param name="position">How far the run had come before it.</param>
    /// <param name="cancel">Ends it by an <see cref="OperationCanceledException"/>.</param>
    public (Score? Validation, Score? Test, int Skipped) Of(Network network, int epoch, RunPosition position, CancellationToken cancel)
    {
        if (options.Training.BatchNormBatches > 0) network.EstimateBatchNorm(TrainingImages.Of(data, options, options.Training.BatchNormBatches, network.Device, cancel));
        int skipped = 0;
        Score? validation = data.Validation is { } split ? On(split, "validation", options.Seed.ValSeed ?? options.Seed.Value + 1L) : null;
        bool testNow = validation is null || epoch % options.Training.TestFrequency == 0 || epoch == options.Training.Epochs
            || EarlyStop.Follows(options.Training, position, epoch, validation.Top1);
        return (validation, testNow ? On(data.Test, "test", options.Seed.TestSeed ?? options.Seed.Value + 2L) : null, skipped);

        Score On(IImageSource images, string name, long seed)
        {
            random.manual_seed(seed);
            DataLoader loader = data.EvaluationLoader(images, options.Training.BatchSize);
            Score score = Evaluation.Of(network, loader.Epoch(0, cancel: cancel), loss, cancel: cancel).Score;
            skipped += Skipped(loader, name, observer);
            return score;
        }
    }

    /// <summary>How many images a loader has skipped, of which the observer is told.</summary>
    public static int Skipped(DataLoader loader, string split, ITrainingObserver observer)
    {
        if (loader.Skipped > 0) observer.Notice($"{loader.Skipped:N0} of {loader.Count:N0} {split} images are skipped: {loader.SkippedImages[0]}");
        return loader.Skipped;
    }
}
