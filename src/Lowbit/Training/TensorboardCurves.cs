using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>Loss, accuracy, learning rate and the state of the quantized layers of each epoch as an event file for TensorBoard.</summary>
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
        file.Add([.. result.Health.SelectMany(CurvesOf)], result.Epoch);
    }

    static IEnumerable<(string Tag, double Value)> CurvesOf(LayerHealth layer)
    {
        (string Measure, double? Value)[] measures =
        [
            ("scale", layer.Scale), ("clipped", layer.Clipped), ("zero", layer.Zero), ("dead_channels", layer.DeadChannels), ("changed", layer.Changed), ("flipped", layer.Flipped),
        ];
        return measures.Where(measure => measure.Value is not null).Select(measure => ($"{measure.Measure}/{layer.Node}", measure.Value!.Value));
    }

    void Add(string set, Score? score, int epoch)
    {
        if (score is null) return;
        file.Add($"loss/{set}", score.Loss, epoch);
        file.Add($"top1/{set}", score.Top1, epoch);
        if (score.Top5 is { } top5) file.Add($"top5/{set}", top5, epoch);
    }
}
