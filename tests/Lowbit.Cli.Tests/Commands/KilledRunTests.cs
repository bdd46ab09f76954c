using Lowbit.Tests;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>Kills runs at random moments and continues them, again and again: they end as one that was never killed.</summary>
public sealed class KilledRunTests(ITestOutputHelper output) : IDisposable
{
    const int Kills = 24, LongestWait = 2500;

    const string Config = """
        dataset: { name: digits, limit: 320 }
        model: { name: quant_resnet20 }
        quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 5, stages: STAGES }
        training: { batch_size: 32, epochs: 4 }
        checkpoint: { save_frequency: 1 }
        """;

    static readonly string[] Files = ["config.yaml", "stages/1_float/checkpoints/latest.safetensors", "stages/1_float/checkpoints/best.safetensors", "checkpoints/latest.safetensors", "metrics.csv", "checkpoints/best.safetensors", "curve.png"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData(1, "[]")]
    [InlineData(2, "[float, 4]")]
    public void Runs_that_are_killed_at_random_end_as_one_that_is_not(int seed, string stages)
    {
        var random = new Random(seed);
        folder.Write("run.yaml", Config.Replace("STAGES", stages, StringComparison.Ordinal));
        Assert.Equal(0, Train("whole").WaitForExit());
        int kills = 0, runs = 0, refusals = 0, inFiles = 0;
        while (kills < Kills)
        {
            string name = $"run{++runs}";
            for (bool isDone = false; !isDone;)
            {
                using LowbitProcess process = Train(name);
                bool atAFile = random.Next(2) == 0;
                isDone = !WaitFor(process, name, atAFile ? Files[random.Next(Files.Length)] : null, random.Next(LongestWait), random.Next(20));
                if (isDone)
                {
                    Assert.True(process.WaitForExit() == 0, process.Errors);
                    continue;
                }
                if (random.Next(4) == 0 && CanBeContinued(name))
                {
                    var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, "train", "--resume", PathOf(name));
                    if (!process.HasExited)
                    {
                        Assert.True(exitCode == 1 && errors.Contains("is being trained by process", StringComparison.Ordinal), errors);
                        refusals++;
                    }
                }
                process.Kill();
                kills++;
                if (atAFile) inFiles++;
            }
            RunFiles.AssertSame(PathOf("whole"), PathOf(name));
            Assert.Empty(Directory.GetFiles(PathOf(name), "*.partial", SearchOption.AllDirectories));
        }
        output.WriteLine($"seed {seed}, stages {stages}: {kills} kills, {inFiles} of them just after a file was written; {runs} runs ended bit-identical; {refusals} second processes refused");
        Assert.True(refusals > 0);
    }

    /// <summary>Starts a run, or continues it where it can be.</summary>
    LowbitProcess Train(string name)
    {
        if (CanBeContinued(name)) return LowbitProcess.Start(folder.Path, "train", "--resume", PathOf(name));
        if (Directory.Exists(PathOf(name))) Directory.Delete(PathOf(name), recursive: true);
        return LowbitProcess.Start(folder.Path, "train", "run.yaml", "--set", $"checkpoint.experiment_name={name}");
    }

    bool CanBeContinued(string name) => File.Exists(Path.Combine(PathOf(name), "checkpoints/latest.safetensors")) || RunFolder.OfStages(PathOf(name)) is not null;

    /// <summary>Waits until the moment to kill: a while, or a moment after a file was written; false where the process came to its end before.</summary>
    bool WaitFor(LowbitProcess process, string name, string? file, int wait, int moment)
    {
        while (!process.HasExited && !File.Exists(Path.Combine(PathOf(name), "run.lock"))) Thread.Sleep(1);
        string? path = file is null ? null : Path.Combine(PathOf(name), file);
        DateTime before = path is null ? default : File.GetLastWriteTimeUtc(path);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!process.HasExited)
        {
            if (path is null ? clock.ElapsedMilliseconds >= wait : File.GetLastWriteTimeUtc(path) != before)
            {
                if (path is not null) Thread.Sleep(moment);
                return !process.HasExited;
            }
            Thread.Sleep(1);
        }
        return false;
    }

    string PathOf(string name) => folder.PathOf("experiments", "digits", name);
}
