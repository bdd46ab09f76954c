using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>When a run ends before its last epoch: after <c>training.patience</c> epochs without a better accuracy. It follows from how far the run has come, so that a continued run ends where it would have.</summary>
static class EarlyStop
{
    /// <summary>Whether a run has come to such an end.</summary>
    public static bool Is(TrainingOptions options, RunPosition position) => position is { Batch: 0, BestEpoch: > 0 } && position.Epoch - position.BestEpoch >= options.Patience;

    /// <summary>Whether it will have, once an epoch ends with an accuracy.</summary>
    /// <param name="options">The patience.</param>
    /// <param name="position">How far the run has come before the end of the epoch.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="accuracy">Its accuracy.</param>
    public static bool Follows(TrainingOptions options, RunPosition position, int epoch, double accuracy) =>
        position.Best is { } best && accuracy <= best && epoch - position.BestEpoch >= options.Patience;

    /// <summary>Why a run has ended, in a sentence.</summary>
    public static string Reason(TrainingOptions options, RunPosition position) =>
        $"training ends after epoch {position.Epoch} of {options.Epochs}: no epoch since {position.BestEpoch} had a better accuracy, and training.patience is {options.Patience}";
}
