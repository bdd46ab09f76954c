using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;

namespace Lowbit.Training;

/// <summary>
/// Runs the stages of <c>quantization.stages</c> one after the other, each of them an ordinary run that starts from the best checkpoint of the one before it. The
/// last stage writes into the folder of the whole run, the others into RUN/stages/1_float and so on. Epochs are counted through, and metrics.csv and the curve of a
/// stage begin with those of the stages before it. The stage to continue is the last that has a latest checkpoint, be it at its end.
/// </summary>
sealed class StagedRun
{
    readonly RunConfiguration options;
    readonly RunLock hold;
    readonly IReadOnlyList<TrainingStage> stages;

    StagedRun(RunConfiguration options, RunLock hold, IReadOnlyList<TrainingStage> stages) => (this.options, this.hold, this.stages) = (options, hold, stages);

    RunFolder Whole => hold.Folder;

    /// <summary>Whether a configuration has stages, or continues a run that has.</summary>
    public static bool IsAsked(RunConfiguration asked) =>
        TrainingStages.Asked(asked).Count > 0 || (asked.Checkpoint.Resume is { } path && RunFolder.OfStages(path) is not null);

    /// <summary>Trains all stages to the end of the last, or until cancelled.</summary>
    /// <exception cref="LowbitException">A stage cannot be trained, or there is nothing to continue.</exception>
    /// <exception cref="ConfigurationException">The stages are none of this network, or others than those of the run to continue.</exception>
    public static RunResult Run(RunConfiguration asked, ITrainingObserver observer, CancellationToken cancel)
    {
        TrainingStages.Of(asked);
        using RunLock? held = asked.Checkpoint.Resume is { } path ? RunLock.Take(FolderOf(asked, path)) : null;
        RunConfiguration options = held is null ? (RunConfiguration)asked.WithSeed() : Continued(asked, held.Folder);
        using DatasetSplits data = TrainingRun.Open(options, observer, cancel);
        RequireAll(TrainingStages.Of(options), data);
        if (held is null) options = (RunConfiguration)TimeBudget.Fix(options, ConfiguredModel.Build(TrainingStages.Of(options)[^1].Configuration, data.Info), data, observer, cancel);
        IReadOnlyList<TrainingStage> stages = TrainingStages.Of(options);
        if (stages.Count == 0) return TrainingRun.Run(TrainingStages.Fixed(options), data, null, null, observer, cancel);   // the minutes are enough for few epochs only
        if (options.Quantization.Stages is null) observer.Notice(Chosen(options));
        options = TrainingStages.Fixed(options);
        using RunLock hold = held ?? RunFolder.Create(options, options.Dataset.Name, DateTime.Now);
        return new StagedRun(options, hold, stages).Run(asked.Checkpoint.Resume, data, observer, cancel);
    }

    static string Chosen(RunConfiguration options) =>
        $"Chosen by default: quantization.stages: {ConfigurationWriter.Text(TrainingStages.Asked(options))}, of {string.Join(" and ", TrainingStages.Epochs(options))} epochs; with [] the network is trained at its few bits from scratch";

    /// <summary>The latest checkpoint of the last stage that has one.</summary>
    /// <exception cref="LowbitException">No stage has one, or a folder of stages cannot be read.</exception>
    public static string NewestCheckpoint(RunFolder whole) => Directory.GetDirectories(whole.Stages)
        .OrderByDescending(stage => int.TryParse(Path.GetFileName(stage).Split('_')[0], out int number) ? number : 0)
        .Prepend(whole.Path)
        .Select(folder => new RunFolder(folder).Latest)
        .FirstOrDefault(File.Exists) ?? throw new LowbitException($"{whole.Path} has no checkpoint in any of its stages");

    static RunFolder FolderOf(RunConfiguration asked, string resume) => RunFolder.OfStages(resume)
        ?? throw new ConfigurationException([
            $"quantization.stages is {ConfigurationWriter.Text(asked.Quantization.Stages)}, and {RunFolder.FindCheckpoint(resume, preferBest: false)} is no run of stages; leave the stages out, or start a new run with model.pretrained"]);

    /// <summary>The options that a run goes on with: those that it began with, but for what may change.</summary>
    static RunConfiguration Continued(RunConfiguration asked, RunFolder whole)
    {
        whole.RemoveLeftovers();
        RunConfiguration began = whole.ReadStagedOptions();
        int epochs = ResumedConfiguration.WithFixedEpochs(began, asked).Training.Epochs, last = TrainingStages.Epochs(began)[^1];
        if (epochs <= began.Training.Epochs - last)
            throw new ConfigurationException([$"training.epochs is {epochs}, and the stages of {whole.Path} before the last one have {began.Training.Epochs - last}: ask for more"]);
        var options = (RunConfiguration)ResumedConfiguration.Check(began, asked, out _);   // what changes is said by the stage that goes on
        return epochs == began.Training.Epochs ? options : TrainingStages.Continued(began, options);
    }

    /// <summary>What keeps any stage from its start is told before the first one is trained.</summary>
    static void RequireAll(IReadOnlyList<TrainingStage> stages, DatasetSplits data)
    {
        if (stages[0].Configuration.Model.Pretrained is { } pretrained) RunFolder.FindCheckpoint(pretrained, preferBest: true);
        foreach (TrainingStage stage in stages)
        {
            MemoryNeed.Require(stage.Configuration, data.Info, data.Train.Count);
            ConfiguredModel.Build(stage.Configuration, data.Info);
        }
    }

    RunResult Run(string? resume, DatasetSplits data, ITrainingObserver observer, CancellationToken cancel)
    {
        bool isFile = File.Exists(resume);
        int first = isFile ? stages.Count - 1 : Math.Max(0, Enumerable.Range(0, stages.Count).LastOrDefault(stage => File.Exists(FolderOf(stage).Latest)));
        var result = new RunResult(Whole, [], RunPosition.Start, Interrupted: false);
        for (int stage = first; stage < stages.Count; stage++)
        {
            if (cancel.IsCancellationRequested) return result with { Interrupted = true };
            WriteConfiguration();
            string? latest = stage == first && isFile ? resume : FolderOf(stage).Latest;
            try
            {
                result = Run(stage, File.Exists(latest) ? latest : null, result, data, observer, cancel) with { Folder = Whole };
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return result with { Interrupted = true };   // before its first batch
            }
            if (result.Interrupted) return result;
        }
        return result;
    }

    /// <summary>Trains one stage, or what is left of it.</summary>
    RunResult Run(int number, string? latest, RunResult before, DatasetSplits data, ITrainingObserver observer, CancellationToken cancel)
    {
        bool isLast = number == stages.Count - 1;
        FolderOnDisk.Create(FolderOf(number).Path);
        using RunLock own = isLast ? hold : RunLock.Take(FolderOf(number));
        RunConfiguration configuration = stages[number].Configuration;
        var (earlier, pretrained) = (before.Position.Epoch, number == 0 ? configuration.Model.Pretrained : FolderOf(number - 1).Path);
        if (latest is not null)
        {
            using Checkpoint begun = Checkpoint.Read(latest);
            earlier = begun.Position.EarlierEpochs;
            if (number > 0) pretrained = begun.Configuration?.Model.Pretrained;   // the folder may have another name by now
        }
        else own.Folder.RemoveLeftovers();
        configuration = configuration with
        {
            Model = configuration.Model with { Pretrained = pretrained },
            Training = configuration.Training with { Epochs = earlier + configuration.Training.Epochs },
            Tensorboard = configuration.Tensorboard with { LogDir = configuration.Tensorboard.LogDir ?? Whole.Tensorboard },
            Checkpoint = configuration.Checkpoint with { Resume = latest },
        };
        string title = string.Create(CultureInfo.InvariantCulture, $"stage {number + 1} of {stages.Count} ({stages[number].Title})");
        var stage = new RunStage(title, Whole, own, isLast ? options : configuration, earlier, before.Epochs);
        observer.Notice(title);
        using ResumePoint? from = ResumePoint.Of(configuration, own);
        foreach (string change in from?.Changes ?? []) observer.Notice(change);
        return TrainingRun.Run(configuration, data, from, stage, observer, cancel);
    }

    /// <summary>Writes what the whole run was asked for, into its folder, which may have been removed while a stage went on.</summary>
    void WriteConfiguration()
    {
        if (!hold.IsHeld) hold.Renew();
        Whole.WriteConfiguration(options);
    }

    RunFolder FolderOf(int stage) => stage == stages.Count - 1
        ? Whole
        : new(Path.Combine(Whole.Stages, string.Create(CultureInfo.InvariantCulture, $"{stage + 1}_{stages[stage].Name}")));
}
