using Lowbit.Training;

namespace Lowbit.Curves;

/// <summary>
/// Writes loss, accuracy, learning rate and the state of the quantized layers of each epoch into an event file for TensorBoard, where the run's options ask for it
/// (<see cref="Configuration.TensorboardOptions"/>).
/// </summary>
public sealed class TensorboardCurves : ITrainingObserver
{
    EventFile? file;

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        file = start.Options.Tensorboard is { Enabled: true } asked ? new(asked.LogDir ?? start.Folder?.Tensorboard ?? "tensorboard") : null;
        if (start.Position.Batch == 0 && start.Earlier is [.., var last]) Add(last);   // a kill may have come between this epoch's checkpoint and its point
    }

    /// <inheritdoc/>
    public void EpochFinished(EpochResult result, bool isBest) => Add(result);

    void Add(EpochResult result)
    {
        file?.Add("learning_rate", result.LearningRate, result.Epoch);
        Add("train", result.Train, result.Epoch);
        Add("validation", result.Validation, result.Epoch);
        Add("test", result.Test, result.Epoch);
        file?.Add([.. result.Health.SelectMany(CurvesOf)], result.Epoch);
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
        file?.Add($"loss/{set}", score.Loss, epoch);
        file?.Add($"top1/{set}", score.Top1, epoch);
        if (score.Top5 is { } top5) file?.Add($"top5/{set}", top5, epoch);
    }
}
