using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>Loss, accuracy and learning rate of each epoch as an event file for TensorBoard.</summary>
sealed class TensorboardCurves
{
    readonly EventFile file;

    TensorboardCurves(string folder) => file = new(folder);

    /// <summary>The curves of a run; null where the configuration wants none.</summary>
    public static TensorboardCurves? Open(RunOptions options, RunFolder? folder) => options.Tensorboard.Enabled
        ? new(options.Tensorboard.LogDir ?? folder?.Tensorboard ?? "tensorboard")
        : null;

    public void Add(EpochResult result)
    {
        file.Add("learning_rate", result.LearningRate, result.Epoch);
        Add("train", result.Train, result.Epoch);
        Add("validation", result.Validation, result.Epoch);
        Add("test", result.Test, result.Epoch);
    }

    void Add(string set, Score? score, int epoch)
    {
        if (score is null) return;
        file.Add($"loss/{set}", score.Loss, epoch);
        file.Add($"top1/{set}", score.Top1, epoch);
        if (score.Top5 is { } top5) file.Add($"top5/{set}", top5, epoch);
    }
}
