using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>A run of two stages, float and 2 bits, of two epochs of two batches each.</summary>
static class SmallStagedRun
{
    public static RunConfiguration Configuration(TemporaryFolder folder, string name) => SmallRun.Configuration(folder.Path) with
    {
        Dataset = new() { Name = "digits", Limit = 32, ImageSize = 8, NumWorkers = 1 },
        Quantization = new() { WeightBitWidth = 2, ActBitWidth = 2, CollectStatsSteps = 3, Stages = [new() { Bits = "float" }, new() { Bits = "2", LearningRate = 0.004 }] },
        Training = new() { BatchSize = 16, Epochs = 4 },
        Optimizer = new() { LearningRate = 0.02 },
        Scheduler = new() { Name = SchedulerKind.Step, StepSize = 1, Gamma = 0.5, WarmupEpochs = 0 },
        Checkpoint = new() { Dir = folder.Path, ExperimentName = name, SaveFrequency = 1 },
    };
}

/// <summary>Such a run that nothing disturbed.</summary>
public sealed class WholeStagedRun : IDisposable
{
    readonly TemporaryFolder folder = new();

    public WholeStagedRun() => Result = TrainingRun.Run(SmallStagedRun.Configuration(folder, "whole"), new Listener(this), CancellationToken.None);

    public RunResult Result { get; }

    public List<string> Notices { get; } = [];

    public List<string?> Stages { get; } = [];

    public RunConfiguration Resumed => SmallStagedRun.Configuration(folder, "whole") with { Checkpoint = new() { Dir = folder.Path, ExperimentName = "whole", SaveFrequency = 1, Resume = Result.Folder!.Path } };

    public void Dispose() => folder.Dispose();

    sealed class Listener(WholeStagedRun run) : SilentObserver
    {
        public override void Notice(string message) => run.Notices.Add(message);

        public override void Started(RunStart start) => run.Stages.Add(start.Stage);
    }
}

/// <summary>Acts at a moment of such a run, and keeps what is noticed.</summary>
sealed class ActsAt(string moment, Action act) : SilentObserver
{
    public List<string> Notices { get; } = [];

    public override void Started(RunStart start) => Act(start.Stage!.StartsWith("stage 2", StringComparison.Ordinal) ? "at the start of the second stage" : "");

    public override void Notice(string message)
    {
        Notices.Add(message);
        Act(message.StartsWith("stage 1", StringComparison.Ordinal) ? "before anything" : message.Contains("batch norms", StringComparison.Ordinal) ? "while scales are calibrated" : "");
    }

    public override void Progressed(EpochProgress progress)
    {
        if (progress.Batch == progress.Batches) Act(progress.Epoch switch { 1 => "within the first stage", 4 => "within the second stage", _ => "" });
    }

    public override void EpochFinished(EpochResult result, bool isBest) => Act(result.Epoch == 2 ? "at the end of the first stage" : "");

    void Act(string now)
    {
        if (now == moment) act();
    }
}
