using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests;

public sealed class ConsoleOutputTests : IDisposable
{
    const string Small = """
        dataset: { name: digits, limit: 64, image_size: 8 }
        model: { name: resnet20 }
        training: { batch_size: 32, epochs: 1 }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(">&- 2>&-")]
    [InlineData(">/dev/full 2>/dev/full", Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("| true", Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Output_that_cannot_be_written_does_not_stop_a_training(string redirections)
    {
        folder.Write("run.yaml", Small);
        int exitCode = LowbitProcess.RunInShell(folder.Path, "train run.yaml --set checkpoint.experiment_name=run", redirections).ExitCode;

        Assert.Equal(0, exitCode);
        Assert.Equal(2, RunFiles.ScoresOf(folder.PathOf("experiments", "digits", "run")).Length);
    }

    [Theory]
    [InlineData("2>&1 >&-", "the output cannot be written: it is closed\n")]
    [InlineData("2>&1 >/dev/full", "the output cannot be written: No space left on device\n")]
    public void A_command_whose_result_is_its_output_fails_without_it(string redirections, string sentence)
    {
        var (exitCode, output) = LowbitProcess.RunInShell(folder.Path, "models", redirections);

        Assert.Equal((1, sentence), (exitCode, output));
    }
}
