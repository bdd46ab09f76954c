using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class TrainTests : IDisposable
{
    const string Small = """
        dataset: { name: digits, limit: 192, image_size: 8 }
        model: { name: quant_resnet20 }
        quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 5 }
        training: { batch_size: 32, epochs: 3 }
        scheduler: { warmup_epochs: 1 }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_leaves_its_configuration_its_checkpoints_its_metrics_and_its_curve()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "train", folder.Write("run.yaml", Small), "--set", "checkpoint.experiment_name=one", "--set", "checkpoint.save_frequency=2");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("Best accuracy", output);
        string[] files = ["config.yaml", "metrics.csv", "curve.png", "checkpoints/latest.safetensors", "checkpoints/best.safetensors", "checkpoints/epoch_0002.safetensors"];
        Assert.All(files, file => Assert.True(File.Exists(RunFile("one", file)), file));
        Assert.Equal(4, File.ReadAllLines(RunFile("one", "metrics.csv")).Length);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.partial", SearchOption.AllDirectories));
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "eval", RunFile("one", ".")).ExitCode);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_that_was_killed_and_continued_has_the_weights_of_one_that_was_not()
    {
        string config = folder.Write("run.yaml", Small);
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", config, "--set", "checkpoint.experiment_name=whole").ExitCode);
        using (var killed = LowbitProcess.Start(folder.Path, "train", config, "--set", "checkpoint.experiment_name=killed"))
        {
            killed.WaitUntil(() => File.Exists(RunFile("killed", "checkpoints/latest.safetensors")));
            killed.Kill();
        }
        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, "train", "--resume", RunFile("killed", "."));

        Assert.True(exitCode == 0, errors);
        RunFiles.AssertSame(RunFile("whole", ""), RunFile("killed", ""));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Ctrl_C_ends_a_run_within_an_epoch_from_where_it_continues_exactly()
    {
        string config = folder.Write("run.yaml", Small.Replace("limit: 192, image_size: 8", "limit: 1400, image_size: 16", StringComparison.Ordinal).Replace("epochs: 3", "epochs: 2", StringComparison.Ordinal));
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", config, "--set", "checkpoint.experiment_name=whole").ExitCode);
        using (var interrupted = LowbitProcess.Start(folder.Path, "train", config, "--set", "checkpoint.experiment_name=stopped"))
        {
            interrupted.WaitUntil(() => File.Exists(RunFile("stopped", "config.yaml")));   // its output comes late where all cores are busy
            Thread.Sleep(300);
            interrupted.Interrupt();
            Assert.Equal(130, interrupted.WaitForExit());
            Assert.Contains("continue with: lowbit train --resume", interrupted.Output);
        }
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", "--resume", RunFile("stopped", ".")).ExitCode);

        RunFiles.AssertSame(RunFile("whole", ""), RunFile("stopped", ""));
    }

    string RunFile(string run, string file) => folder.PathOf("experiments", "digits", run, file);
}
