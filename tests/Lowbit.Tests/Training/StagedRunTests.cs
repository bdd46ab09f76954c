using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>Runs of stages, whole and continued after every kind of end.</summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class StagedRunTests(WholeStagedRun undisturbed) : IClassFixture<WholeStagedRun>, IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly RunFolder whole = undisturbed.Result.Folder!;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_stage_is_a_run_and_the_last_one_has_the_folder_of_the_whole()
    {
        using Checkpoint first = Checkpoint.Read(StageOf(whole).Best), last = Checkpoint.Read(whole.Latest);

        Assert.False(first.Graph.IsQuantized);
        Assert.Equal(2, last.Graph.Nodes.OfType<Quantize>().Min(node => node.Quantizer.BitWidth));
        Assert.Equal("resnet20", ConfigurationReader.Read(StageOf(whole).Configuration).Configuration.Model.Name);
        Assert.Equal(["float", "{bits: 2, learning_rate: 0.004}"], ConfigurationReader.Read(whole.Configuration).Configuration.Quantization.Stages!.Select(stage => stage.ToString()));
        Assert.All(new[] { StageOf(whole).Best, whole.Best }, file => Assert.True(File.Exists(file), file));
        RunFolder.FindCheckpoint(StageOf(whole).Path, preferBest: true);
    }

    [Fact]
    public void Epochs_are_counted_through_and_each_stage_has_a_schedule_of_its_own()
    {
        Assert.Equal([(1, 0.02), (2, 0.01), (3, 0.004), (4, 0.002)], MetricsFile.Read(whole.Metrics, 99).Select(epoch => (epoch.Epoch, epoch.LearningRate)));
        Assert.Equal([1, 2], MetricsFile.Read(StageOf(whole).Metrics, 99).Select(epoch => epoch.Epoch));
        Assert.Equal(4, undisturbed.Result.Epochs.Count);
        Assert.InRange(undisturbed.Result.Position.BestEpoch, 3, 4);
        Assert.False(File.Exists(whole.Epoch(2)));
    }

    [Fact]
    public void Every_stage_is_told() => Assert.Equal(["stage 1 of 2 (float)", "stage 2 of 2 (2 bits)"], undisturbed.Stages);

    [Fact]
    public void A_stage_starts_from_the_best_checkpoint_of_the_one_before_it() =>
        Assert.Contains(undisturbed.Notices, notice => notice.Contains($"tensors start from {StageOf(whole).Best}", StringComparison.Ordinal));

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("at the end of the first stage")]
    [InlineData("while scales are calibrated")]
    public void A_run_that_is_interrupted_goes_on_in_its_stage_and_ends_the_same(string moment) => InterruptAndGoOn(moment);

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("within the first stage")]
    [InlineData("within the second stage")]
    public void So_does_one_that_is_interrupted_within_a_stage(string moment) => InterruptAndGoOn(moment);

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_that_is_killed_goes_on_in_its_stage_and_ends_the_same() => KillAndGoOn("at the start of the second stage");

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("before anything")]
    [InlineData("within the first stage")]
    [InlineData("at the end of the first stage")]
    [InlineData("while scales are calibrated")]
    [InlineData("within the second stage")]
    public void So_does_one_that_is_killed_at_another_moment(string moment) => KillAndGoOn(moment);

    void InterruptAndGoOn(string moment)
    {
        using var cancel = new CancellationTokenSource();
        RunResult first = TrainingRun.Run(Small("run"), new ActsAt(moment, cancel.Cancel), cancel.Token);
        Assert.Equal((true, PathOf("run")), (first.Interrupted, first.Folder!.Path));

        RunResult second = TrainingRun.Run(Resumed("run"), new SilentObserver(), CancellationToken.None);

        Assert.Equal((false, 4), (second.Interrupted, second.Epochs.Count));
        RunFiles.AssertSame(whole, new(PathOf("run")));
    }

    void KillAndGoOn(string moment)
    {
        Assert.Throws<InvalidOperationException>(() => TrainingRun.Run(Small("run"), new ActsAt(moment, () => throw new InvalidOperationException()), CancellationToken.None));

        TrainingRun.Run(Resumed("run"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("run")));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Files_that_a_kill_kept_from_the_end_of_a_stage_are_made()
    {
        Interrupt("at the end of the first stage");
        File.Delete(StageOf(new(PathOf("run"))).Epoch(2));

        TrainingRun.Run(Resumed("run"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("run")));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_whose_folder_is_removed_in_its_last_stage_is_still_one_of_stages()
    {
        TrainingRun.Run(Small("run"), new ActsAt("at the start of the second stage", () => Directory.Delete(PathOf("run"), recursive: true)), CancellationToken.None);

        RunResult again = TrainingRun.Run(Resumed("run"), new SilentObserver(), CancellationToken.None);

        Assert.Equal(4, again.Position.Epoch);
        Assert.Equal(4, MetricsFile.Read(new RunFolder(PathOf("run")).Metrics, 99).Count);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_may_be_moved_before_it_is_continued()
    {
        Interrupt("within the second stage");
        Directory.Move(PathOf("run"), PathOf("moved"));

        TrainingRun.Run(Resumed("moved"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("moved")));
    }

    [Fact]
    public void More_epochs_are_those_of_the_last_stage()
    {
        Interrupt("at the end of the first stage");

        RunResult result = TrainingRun.Run(Resumed("run") with { Training = new() { BatchSize = 16, Epochs = 5 } }, new SilentObserver(), CancellationToken.None);

        Assert.Equal(5, result.Position.Epoch);
        Assert.Equal([1, 2], MetricsFile.Read(StageOf(result.Folder!).Metrics, 99).Select(epoch => epoch.Epoch));
        Assert.Equal(["{bits: float, epochs: 2}", "{bits: 2, epochs: 3, learning_rate: 0.004}"], ConfigurationReader.Read(result.Folder!.Configuration).Configuration.Quantization.Stages!.Select(stage => stage.ToString()));
    }

    [Fact]
    public void Stages_that_nobody_asked_for_are_told_and_kept()
    {
        RunConfiguration run = Small("run") with { Scheduler = new(), Training = new() { BatchSize = 16, Epochs = 6 }, Quantization = new() { WeightBitWidth = 2, ActBitWidth = 2 } };
        var listener = new ActsAt("", () => { });

        RunResult result = TrainingRun.Run(run, listener, CancellationToken.None);
        RunResult again = TrainingRun.Run(run with { Checkpoint = run.Checkpoint with { Resume = PathOf("run") } }, new SilentObserver(), CancellationToken.None);

        Assert.Contains(listener.Notices, notice => notice.StartsWith("Chosen by default: quantization.stages: [float, 2], of 3 and 3 epochs", StringComparison.Ordinal));
        Assert.Equal(["float", "2"], ConfigurationReader.Read(result.Folder!.Configuration).Configuration.Quantization.Stages!.Select(stage => stage.Bits));
        Assert.True(File.Exists(StageOf(result.Folder).Best));
        Assert.Equal(6, again.Position.Epoch);
    }

    [Fact]
    public void What_has_not_come_to_its_last_stage_has_no_checkpoint_to_evaluate()
    {
        Interrupt("within the first stage");

        Assert.Contains("has not come to its last stage: continue it with", Assert.Throws<LowbitException>(() => RunFolder.FindCheckpoint(PathOf("run"), preferBest: true)).Message);
    }

    [Fact]
    public void Other_stages_than_the_run_began_with_are_refused()
    {
        RunConfiguration run = undisturbed.Resumed;
        Refuses("quantization.stages is [], but [float, {bits: 2, learning_rate: 0.004}] in the run", run with { Quantization = run.Quantization with { Stages = [] } });
        Refuses("quantization.stages is [4, 2], but [float, {bits: 2, learning_rate: 0.004}] in the run", run with { Quantization = run.Quantization with { Stages = [new() { Bits = "4" }, new() { Bits = "2" }] } });
        Refuses("the stages of " + whole.Path + " before the last one have 2: ask for more", run with { Training = run.Training with { Epochs = 2 } });
        Refuses("is no run of stages", run with { Checkpoint = run.Checkpoint with { Resume = StageOf(whole).Path } });
        Refuses("give at least two stages", run with { Quantization = run.Quantization with { Stages = [new() { Bits = "2" }] } });
    }

    /// <summary>Before hours of training are spent on the first stage.</summary>
    [Fact]
    public void A_mistake_of_a_later_stage_is_told_at_the_start()
    {
        RunConfiguration run = Small("run") with { Quantization = Small("run").Quantization with { Overrides = [new() { Layers = "nothing*", WeightBitWidth = 2 }] } };

        Assert.Throws<GraphException>(() => TrainingRun.Run(run, new SilentObserver(), CancellationToken.None));
        Assert.False(Directory.Exists(PathOf("run")));
    }

    static void Refuses(string sentence, RunConfiguration run) =>
        Assert.Contains(sentence, Assert.Single(Assert.Throws<ConfigurationException>(() => TrainingRun.Run(run, new SilentObserver(), CancellationToken.None)).Errors));

    void Interrupt(string moment)
    {
        using var cancel = new CancellationTokenSource();
        TrainingRun.Run(Small("run"), new ActsAt(moment, cancel.Cancel), cancel.Token);
    }

    static RunFolder StageOf(RunFolder run) => new(Path.Combine(run.Stages, "1_float"));

    string PathOf(string run) => folder["digits", run];

    RunConfiguration Small(string name) => SmallStagedRun.Configuration(folder, name);

    RunConfiguration Resumed(string name) => Small(name) with { Checkpoint = Small(name).Checkpoint with { Resume = PathOf(name) } };
}
