using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public sealed class RunLockTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("mine")]
    public async Task Runs_that_start_in_the_same_second_never_share_a_folder(string? name)
    {
        const int Runs = 24, Rounds = 10;
        var configuration = new RunConfiguration { Model = new() { Name = "resnet20" }, Checkpoint = new() { Dir = folder.Path, ExperimentName = name } };
        for (int round = 0; round < Rounds; round++)
        {
            var now = new DateTime(2026, 1, 1, 0, 0, round, DateTimeKind.Local);
            using var all = new Barrier(Runs);
            RunLock[] made = await Task.WhenAll(Enumerable.Range(0, Runs).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    all.SignalAndWait();
                    return RunFolder.Create(configuration, "digits", now);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            Assert.Distinct(made.Select(run => run.Folder.Path));
            foreach (RunLock run in made) run.Dispose();
        }
        Assert.Equal(Runs * Rounds, Directory.GetFiles(folder.Path, "run.lock", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void A_folder_that_is_held_is_refused_with_a_sentence_that_names_the_holder()
    {
        using RunLock first = RunLock.TryCreate(new(folder["run"]))!;

        string message = Assert.Throws<LowbitException>(() => RunLock.Take(new(folder["run"]))).Message;

        Assert.Equal($"{folder["run"]} is being trained by process {Environment.ProcessId} on {Environment.MachineName}", message[..message.IndexOf(" since", StringComparison.Ordinal)]);
        Assert.DoesNotContain('\n', message);
        Assert.True(first.IsHeld);
    }

    [Fact]
    public void What_the_lock_file_says_is_no_lock()
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run", "run.lock"], $"process {Environment.ProcessId} on {Environment.MachineName} since today\n");

        using (RunLock.Take(new(folder["run"]))) Assert.Contains($"process {Environment.ProcessId}", Assert.Throws<LowbitException>(() => RunLock.Take(new(folder["run"]))).Message);
        RunLock.Take(new(folder["run"])).Dispose();
    }

    [Fact]
    public void A_folder_that_was_removed_is_made_and_held_again()
    {
        using RunLock hold = RunLock.TryCreate(new(folder["run"]))!;
        Directory.Delete(folder["run"], recursive: true);
        Assert.False(hold.IsHeld);

        hold.Renew();

        Assert.True(hold.IsHeld);
        Assert.Throws<LowbitException>(() => RunLock.Take(hold.Folder));
    }

    [Fact]
    public void A_folder_that_another_run_made_anew_is_left_to_it()
    {
        using RunLock first = RunLock.TryCreate(new(folder["run"]))!;
        Directory.Delete(folder["run"], recursive: true);
        using RunLock second = RunLock.TryCreate(new(folder["run"]))!;

        Assert.False(first.IsHeld);
        Assert.Throws<LowbitException>(first.Renew);
        Assert.True(second.IsHeld);
    }
}
