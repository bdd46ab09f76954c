using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>A run that ends between any two of its files can be continued, and ends with the files of a run that was never disturbed.</summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class RunRecordTests(RunRecordTests.WholeRun undisturbed) : IClassFixture<RunRecordTests.WholeRun>, IDisposable
{
    const int Epochs = 2;

    readonly TemporaryFolder folder = new();
    readonly RunFolder whole = undisturbed.Run;

    public void Dispose() => folder.Dispose();

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("metrics.csv")]
    [InlineData("checkpoints/latest.safetensors")]
    [InlineData("checkpoints/best.safetensors")]
    [InlineData("checkpoints/epoch_0001.safetensors")]
    public void An_epoch_whose_files_cannot_all_be_written_is_completed_or_repeated(string obstacle)
    {
        string file = PathOf("broken", obstacle), aside = file + ".aside";
        var problem = Assert.Throws<LowbitException>(() => TrainingRun.Run(Small("broken"), new AtStart(() => Obstruct(file, aside)), CancellationToken.None));
        Assert.Contains("continue with lowbit train --resume", problem.Message);
        Assert.DoesNotContain('\n', problem.Message);
        Clear(file, aside);

        TrainingRun.Run(Resumed("broken"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("broken")));
    }

    [Fact]
    public void A_run_that_ends_before_its_first_epoch_does_can_be_continued()
    {
        Assert.Throws<InvalidOperationException>(() => TrainingRun.Run(Small("broken"), new AtStart(() => throw new InvalidOperationException()), CancellationToken.None));

        TrainingRun.Run(Resumed("broken"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("broken")));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_that_is_interrupted_while_it_evaluates_trains_no_batch_twice()
    {
        using var cancel = new CancellationTokenSource();
        RunResult first = TrainingRun.Run(Small("broken"), new AtLastBatch(cancel.Cancel), cancel.Token);
        Assert.Equal((true, 0, 4), (first.Interrupted, first.Position.Epoch, first.Position.Batch));

        TrainingRun.Run(Resumed("broken"), new SilentObserver(), CancellationToken.None);

        RunFiles.AssertSame(whole, new(PathOf("broken")));
    }

    [Fact]
    public void Within_an_epoch_another_number_of_training_images_is_refused()
    {
        using var cancel = new CancellationTokenSource();
        TrainingRun.Run(Small("run"), new AtLastBatch(cancel.Cancel), cancel.Token);
        using ResumePoint from = ResumePoint.Of(Resumed("run"))!;
        using DatasetSplits fewer = Datasets.Open(Small("run").Dataset with { Limit = 100 });

        Assert.Contains("lies within epoch 1, which has 128 training images; digits has 100 now", Assert.Throws<LowbitException>(() => from.RequireSameData(fewer)).Message);
    }

    [Fact]
    public void Leftovers_are_removed_when_a_run_is_continued()
    {
        TrainingRun.Run(Small("run"), new SilentObserver(), CancellationToken.None);
        foreach (string file in new[] { "metrics.csv", "config.yaml", "checkpoints/latest.safetensors", "checkpoints/epoch_0001.safetensors" })
            File.WriteAllText(PathOf("run", file + ".99999.partial"), "half");

        TrainingRun.Run(Resumed("run"), new SilentObserver(), CancellationToken.None);

        Assert.Empty(Directory.GetFiles(PathOf("run"), "*.partial", SearchOption.AllDirectories));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_folder_that_is_removed_while_the_run_goes_on_is_written_whole_again()
    {
        TrainingRun.Run(Small("run"), new AtEpochEnd(() => Directory.Delete(PathOf("run"), recursive: true)), CancellationToken.None);

        string[] files = ["config.yaml", "metrics.csv", "run.lock", "checkpoints/latest.safetensors", $"checkpoints/epoch_{Epochs:0000}.safetensors"];
        Assert.All(files, file => Assert.True(File.Exists(PathOf("run", file)), file));
        Assert.Equal(Epochs + 1, File.ReadAllLines(PathOf("run", "metrics.csv")).Length);
        RunConfiguration longer = Resumed("run") with { Training = Resumed("run").Training with { Epochs = Epochs + 1 } };
        Assert.Equal(Epochs + 1, TrainingRun.Run(longer, new SilentObserver(), CancellationToken.None).Epochs.Count);
    }

    [Theory]
    [InlineData("99999999999,0.1,1,1,,,,,1,1,,1,1,1,1")]
    [InlineData("0,0.1,1,1,,,,,1,1,,1,1,1,1")]
    [InlineData("1,0.1")]
    [InlineData("1,0.1,1,1,,,,,1,1,,1,1,1,1\n1,0.1,1,1,,,,,1,1,,1,1,1,1")]
    public void Metrics_that_no_run_wrote_are_refused_with_a_sentence(string rows)
    {
        File.WriteAllText(folder["metrics.csv"], "epoch\n" + rows + "\n");

        Assert.Contains("is not a metrics file of a run", Assert.Throws<LowbitException>(() => MetricsFile.Read(folder["metrics.csv"], 10)).Message);
    }

    string PathOf(string run, string file = "") => folder["digits", run, file].TrimEnd('/');

    RunConfiguration Small(string name) => Small(folder, name);

    static RunConfiguration Small(TemporaryFolder folder, string name) => new()
    {
        Dataset = new() { Name = "digits", Limit = 128 },
        Model = new() { Name = "resnet20" },
        Training = new() { BatchSize = 32, Epochs = Epochs },
        Checkpoint = new() { Dir = folder.Path, ExperimentName = name, SaveFrequency = 1 },
    };

    RunConfiguration Resumed(string name) => Small(name) with { Checkpoint = Small(name).Checkpoint with { Resume = PathOf(name) } };

    /// <summary>Puts a folder in the way of a file.</summary>
    static void Obstruct(string file, string aside)
    {
        if (File.Exists(file)) File.Move(file, aside);
        Directory.CreateDirectory(Path.Combine(file, "inside"));
    }

    static void Clear(string file, string aside)
    {
        Directory.Delete(file, recursive: true);
        if (File.Exists(aside)) File.Move(aside, file);
    }

    /// <summary>A run that nothing disturbed.</summary>
    public sealed class WholeRun : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public WholeRun() => Run = TrainingRun.Run(Small(folder, "whole"), new SilentObserver(), CancellationToken.None).Folder!;

        public RunFolder Run { get; }

        public void Dispose() => folder.Dispose();
    }

    sealed class AtStart(Action act) : SilentObserver
    {
        public override void Started(RunStart start) => act();
    }

    sealed class AtLastBatch(Action act) : SilentObserver
    {
        public override void Progressed(EpochProgress progress)
        {
            if (progress.Batch == progress.Batches) act();
        }
    }

    sealed class AtEpochEnd(Action act) : SilentObserver
    {
        public override void EpochFinished(EpochResult result, bool isBest)
        {
            if (result.Epoch == 1) act();
        }
    }
}
