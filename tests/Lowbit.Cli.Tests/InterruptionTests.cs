using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests;

public sealed class InterruptionTests : IDisposable
{
    const string Endless = """
        dataset: { name: digits, limit: 64, image_size: 8 }
        model: { name: resnet20 }
        training: { batch_size: 32, epochs: 100000 }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP", Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("QUIT", Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Every_signal_that_asks_for_the_end_leaves_a_run_that_can_be_continued(string signal)
    {
        using LowbitProcess run = Train();
        run.Send(signal);

        Assert.Equal(130, run.WaitForExit());
        Assert.Contains("continue with: lowbit train --resume", run.Output);
        Assert.Empty(run.Errors);
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(50)]
    public void A_second_one_ends_the_process_at_once_and_without_a_stack_trace(int milliseconds)
    {
        using LowbitProcess run = Train();
        run.Interrupt();
        Thread.Sleep(milliseconds);
        if (!run.HasExited) run.Interrupt();

        Assert.Equal(130, run.WaitForExit());
        Assert.Empty(run.Errors);
    }

    LowbitProcess Train()
    {
        var run = LowbitProcess.Start(folder.Path, "train", folder.Write("run.yaml", Endless), "--set", "checkpoint.experiment_name=run");
        run.WaitUntil(() => File.Exists(folder.PathOf("experiments", "digits", "run", "checkpoints", "latest.safetensors")));
        return run;
    }
}
