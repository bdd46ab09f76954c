using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>What keeps a run from being continued wrongly.</summary>
public sealed class ResumeTests : IDisposable
{
    const string Small = """
        dataset: { name: digits, limit: 64, image_size: 8 }
        model: { name: quant_resnet20 }
        training: { batch_size: 32, epochs: 1 }
        optimizer: { name: adam }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_is_continued_for_more_epochs_without_warnings_but_not_with_another_batch_size()
    {
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", folder.Write("run.yaml", Small), "--set", "checkpoint.experiment_name=run").ExitCode);

        var refused = LowbitProcess.Run(folder.Path, "train", "--resume", Run, "--set", "training.batch_size=16");
        var longer = LowbitProcess.Run(folder.Path, "train", "--resume", Run, "--set", "training.epochs=2");

        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Equal($"training.batch_size is 16, but 32 in the run that is continued from {Run}; leave it, or start a new run (with model.pretrained from these weights)\n", refused.Errors);
        Assert.Equal((0, ""), (longer.ExitCode, longer.Errors));
        Assert.Contains("training.epochs is 2 from here on; it was 1", longer.Output);
        Assert.Equal(3, RunFiles.ScoresOf(folder.PathOf(Run)).Length);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_that_another_process_trains_is_refused_until_that_process_is_dead()
    {
        using var first = LowbitProcess.Start(folder.Path, "train", folder.Write("run.yaml", Small), "--set", "checkpoint.experiment_name=run", "--set", "training.epochs=1000");
        first.WaitUntil(() => File.Exists(folder.PathOf(Run, "checkpoints/latest.safetensors")));

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "train", "--resume", Run, "--set", "training.epochs=1");
        first.Kill();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches(@"^\S+ is being trained by process \d+ on \S+ since \S+; only one process at a time can continue a run\n$", errors);
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", "--resume", Run, "--set", "training.epochs=1").ExitCode);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Processes_that_start_at_once_get_folders_of_their_own()
    {
        const int Runs = 6;
        string config = folder.Write("run.yaml", Small);
        LowbitProcess[] runs = [.. Enumerable.Range(0, Runs).Select(_ => LowbitProcess.Start(folder.Path, "train", config))];
        Assert.All(runs, run => Assert.Equal(0, run.WaitForExit()));

        string[] folders = Directory.GetDirectories(folder.PathOf("experiments", "digits"));
        Assert.Equal(Runs, folders.Length);
        Assert.All(folders, run => Assert.Equal(2, RunFiles.ScoresOf(run).Length));
        foreach (LowbitProcess run in runs) run.Dispose();
    }

    static string Run => Path.Combine("experiments", "digits", "run");
}
