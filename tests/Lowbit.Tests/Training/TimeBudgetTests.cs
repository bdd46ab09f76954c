using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class TimeBudgetTests : IDisposable
{
    const double NoTime = 1e-5, MuchTime = 1e5;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Once_minutes_have_decided_the_epochs_a_run_is_one_of_so_many_epochs_and_stays_so_when_it_is_continued()
    {
        RunFolder expected = TrainingRun.Run(Run("expected", epochs: 1), new SilentObserver(), CancellationToken.None).Folder!;
        var notices = new Notices();
        RunFolder timed = TrainingRun.Run(Run("timed", epochs: 200, NoTime), notices, CancellationToken.None).Folder!;

        RunFiles.AssertSame(expected, timed);
        TrainingOptions written = ConfigurationReader.Read(timed.Configuration).Configuration.Training;
        Assert.Equal((1, null), (written.Epochs, written.MaxMinutes));
        Assert.Contains(notices.All, notice => notice.Contains("so that 1 epoch is trained, which ends later than training.max_minutes", StringComparison.Ordinal));

        using var cancel = new CancellationTokenSource();
        Assert.True(TrainingRun.Run(Run("stopped", epochs: 200, NoTime), new AtFirstBatch(cancel.Cancel), cancel.Token).Interrupted);
        RunConfiguration again = Run("stopped", epochs: 200, MuchTime);
        again = again with { Checkpoint = again.Checkpoint with { Resume = folder["digits", "stopped"] } };
        RunFiles.AssertSame(expected, TrainingRun.Run(again, new SilentObserver(), CancellationToken.None).Folder!);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Training_epochs_is_the_most_and_a_run_of_stages_shares_what_fits()
    {
        var notices = new Notices();
        RunConfiguration run = Run("stages", epochs: 2, MuchTime) with
        {
            Model = new() { Name = "quant_resnet20" },
            Quantization = new() { WeightBitWidth = 4, ActBitWidth = 4, CollectStatsSteps = 1, Stages = [new() { Bits = "float" }, new() { Bits = "4" }] },
        };

        Assert.Equal(2, TrainingRun.Run(run, notices, CancellationToken.None).Epochs.Count);
        Assert.Contains(notices.All, notice => notice.Contains("2 epochs are trained, as many as training.epochs allows", StringComparison.Ordinal));
    }

    [Fact]
    public void Few_bits_start_from_float_only_where_enough_epochs_fit()
    {
        RunConfiguration run = Run("few", epochs: 200, NoTime) with { Model = new() { Name = "quant_resnet8" }, Quantization = new() { WeightBitWidth = 2, ActBitWidth = 2 } };

        RunResult result = TrainingRun.Run(run, new SilentObserver(), CancellationToken.None);

        Assert.Equal((1, null), (result.Position.Epoch, RunFolder.OfStages(result.Folder!.Path)));
        Assert.Empty(ConfigurationReader.Read(result.Folder.Configuration).Configuration.Quantization.Stages!);
    }

    [Fact]
    public void It_can_be_cancelled_before_anything_is_written()
    {
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(Run("cancelled", epochs: 1, MuchTime), new AtNotice(cancel.Cancel), cancel.Token));
        Assert.False(Directory.Exists(folder["digits"]));
    }

    RunConfiguration Run(string name, int epochs, double? minutes = null) => new()
    {
        Dataset = new() { Name = "digits", Limit = 64, ImageSize = 16 },
        Model = new() { Name = "resnet20" },
        Training = new() { BatchSize = 32, Epochs = epochs, MaxMinutes = minutes },
        Checkpoint = new() { Dir = folder.Path, ExperimentName = name },
    };

    sealed class AtFirstBatch(Action act) : SilentObserver
    {
        public override void Started(RunStart start) => act();
    }

    sealed class AtNotice(Action act) : SilentObserver
    {
        public override void Notice(string message) => act();
    }
}
