using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>Which configuration a run may go on with: its own, but for the keys that say <see cref="MayChangeOnResumeAttribute"/>.</summary>
static class ResumedConfiguration
{
    /// <summary>The configuration to go on with.</summary>
    /// <param name="began">What the run began with.</param>
    /// <param name="asked">What it is to go on with.</param>
    /// <param name="changes">A sentence for each key that changes how it goes on.</param>
    /// <exception cref="ConfigurationException">A key has another value that must not.</exception>
    public static RunOptions Check(RunOptions began, RunOptions asked, out IReadOnlyList<string> changes)
    {
        if (began.GetType() != asked.GetType())
            throw new ConfigurationException([began is RunConfiguration
                ? $"{asked.Checkpoint.Resume} was begun with the YAML file of a run; continue it with lowbit train --resume"
                : $"a program gave the network and the images of {asked.Checkpoint.Resume}; continue it from there, with {nameof(CheckpointOptions.Resume)} in its {nameof(CheckpointOptions)}"]);
        // A run that drew its seed keeps what it drew.
        if (!asked.Seed.Enabled) asked = asked with { Seed = asked.Seed with { Enabled = began.Seed.Enabled, Value = began.Seed.Value } };
        asked = WithFixedEpochs(began, WithWhatIsOpen(began, asked));
        ChangedKey[] changed = [.. ChangedKey.Between(began, asked)];
        string[] errors =
        [
            .. changed.Where(key => !key.MayChangeOnResume).Select(key =>
                $"{key.Name} is {key.New}, but {key.Old} in the run that is continued from {asked.Checkpoint.Resume}; leave it, or start a new run (with model.pretrained from these weights)"),
        ];
        if (errors.Length > 0) throw new ConfigurationException(errors);
        changes = [.. changed.Where(key => key.ChangesTraining).Select(key => $"{key.Name} is {key.New} from here on; it was {key.Old}")];
        return asked;
    }

    /// <summary>Where minutes decided the number of epochs when the run began, it stays.</summary>
    public static RunOptions WithFixedEpochs(RunOptions began, RunOptions asked) => asked.Training.MaxMinutes is null ? asked : asked with
    {
        Training = asked.Training with { Epochs = began.Training.Epochs, MaxMinutes = null },
        Scheduler = asked.Scheduler.WarmupEpochs >= began.Training.Epochs ? asked.Scheduler with { WarmupEpochs = began.Scheduler.WarmupEpochs } : asked.Scheduler,
    };

    /// <summary>Keys that are decided by the bit widths where nobody says anything stay as the run began with them, so that runs of earlier versions, which decided otherwise, go on.</summary>
    static RunOptions WithWhatIsOpen(RunOptions began, RunOptions asked)
    {
        asked = asked with
        {
            Scheduler = asked.Scheduler with { Interval = asked.Scheduler.Interval ?? began.Scheduler.Interval, WarmupEpochs = asked.Scheduler.WarmupEpochs ?? began.Scheduler.WarmupEpochs },
            Optimizer = asked.Optimizer with
            {
                ClipNorm = asked.Optimizer.ClipNorm ?? began.Optimizer.ClipNorm,
                ClipRatio = asked.Optimizer.ClipRatio ?? began.Optimizer.ClipRatio,
                LastLayerClipNorm = asked.Optimizer.LastLayerClipNorm ?? began.Optimizer.LastLayerClipNorm,
            },
        };
        return (began, asked) is (RunConfiguration first, RunConfiguration next) ? next with { Quantization = WithWhatIsOpen(first.Quantization, next.Quantization) } : asked;
    }

    static QuantizationOptions WithWhatIsOpen(QuantizationOptions began, QuantizationOptions asked) => asked with
    {
        WeightQuantizer = asked.WeightQuantizer == QuantizationOptions.Auto ? began.WeightQuantizer : asked.WeightQuantizer,
        ActQuantizer = asked.ActQuantizer == QuantizationOptions.Auto ? began.ActQuantizer : asked.ActQuantizer,
        CollectStatsSteps = asked.CollectStatsSteps ?? began.CollectStatsSteps,
        Residual = asked.Residual ?? began.Residual,
        ResidualBitWidth = asked.ResidualBitWidth ?? began.ResidualBitWidth,
        OutPerChannel = asked.OutPerChannel ?? began.OutPerChannel,
        Stages = asked.Stages ?? began.Stages,
    };
}
