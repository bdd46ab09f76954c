using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class EarlyStopTests : IDisposable
{
    const int Epochs = 40, Patience = 2;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_that_gets_no_better_ends_with_the_reason_and_does_so_too_when_it_is_continued()
    {
        var notices = new Notices();
        RunResult whole = TrainingRun.Run(StandingStill("whole"), notices, CancellationToken.None);

        Assert.Equal(whole.Position.BestEpoch + Patience, whole.Position.Epoch);
        Assert.InRange(whole.Position.Epoch, Patience + 1, Epochs - 1);
        Assert.False(whole.Interrupted);
        Assert.NotNull(whole.Epochs[^1].Test);   // which is otherwise evaluated every 1000 epochs
        Assert.Contains($"training ends after epoch {whole.Position.Epoch} of {Epochs}: no epoch since {whole.Position.BestEpoch} had a better accuracy, and training.patience is {Patience}", notices.All);

        using var cancel = new CancellationTokenSource();
        TrainingRun.Run(StandingStill("stopped"), new AtEpochEnd(cancel.Cancel), cancel.Token);
        RunResult continued = TrainingRun.Run(Resumed("stopped"), new SilentObserver(), CancellationToken.None);
        RunFiles.AssertSame(whole.Folder!, continued.Folder!);

        Assert.Equal(whole.Position.Epoch, TrainingRun.Run(Resumed("stopped"), new SilentObserver(), CancellationToken.None).Position.Epoch);
        RunConfiguration patient = Resumed("stopped") with { Training = Resumed("stopped").Training with { Patience = null, Epochs = whole.Position.Epoch + 1 } };
        Assert.Equal(whole.Position.Epoch + 1, TrainingRun.Run(patient, new SilentObserver(), CancellationToken.None).Position.Epoch);
    }

    [Theory]
    [InlineData(5, 3, true)]
    [InlineData(4, 3, false)]
    [InlineData(5, 0, false)]
    public void It_counts_from_the_best_epoch(int epoch, int best, bool ends) =>
        Assert.Equal(ends, EarlyStop.Is(new() { Patience = 2 }, new(epoch, 0, 0.5, best)));

    /// <summary>Only the statistics of batch norms change.</summary>
    RunConfiguration StandingStill(string name) => new()
    {
        Dataset = new() { Name = "digits", Limit = 64, ImageSize = 16, ValSplit = 0.1 },
        Model = new() { Name = "resnet20" },
        Training = new() { BatchSize = 32, Epochs = Epochs, Patience = Patience, TestFrequency = 1000 },
        Optimizer = new() { LearningRate = 1e-12 },
        Checkpoint = new() { Dir = folder.Path, ExperimentName = name },
    };

    RunConfiguration Resumed(string name) => StandingStill(name) with { Checkpoint = StandingStill(name).Checkpoint with { Resume = folder["digits", name] } };

    sealed class AtEpochEnd(Action act) : SilentObserver
    {
        public override void EpochFinished(EpochResult result, bool isBest) => act();
    }
}
