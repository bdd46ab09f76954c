using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Terminals;

/// <summary><c>lowbit train</c> as a user sees it.</summary>
public sealed class TrainOnATerminalTests : IDisposable
{
    const int Columns = 80;

    const string Small = """
        dataset: { name: digits, limit: 64, image_size: 8 }
        model: { name: resnet20 }
        training: { batch_size: 32, epochs: 2 }
        checkpoint: { experiment_name: one }
        """;

    const string Quick = """
        dataset: { name: digits, limit: 640, image_size: 16 }
        model: { name: quant_resnet20 }
        quantization: { weight_bit_width: 4, act_bit_width: 4 }
        training: { batch_size: 32, epochs: 8 }
        optimizer: { name: adam, learning_rate: 0.003 }
        checkpoint: { experiment_name: first }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_training_shows_its_epochs_its_end_and_what_comes_next_and_leaves_the_terminal_clean()
    {
        using var terminal = TerminalProcess.Start(folder.Path, Columns, "train", folder.Write("run.yaml", Small));
        Assert.Equal(0, terminal.WaitForExit());

        Assert.Contains("2/2 batches", terminal.Output);
        Assert.Contains("run: about ", terminal.Output);
        string[] lines = [.. terminal.Screen.Lines];
        int header = Array.FindIndex(lines, line => line.StartsWith("epoch      rate", StringComparison.Ordinal));
        Assert.Matches(@"^ +1 +0\.1 +\d\.\d+ +\d+\.\d\d % .* best$", lines[header + 1]);
        Assert.Matches(@"^ +2 +0\.025 ", lines[header + 2]);
        Assert.Equal("All 2 epochs are trained", lines[header + 3]);
        Assert.Matches(@"^Last epoch: \d+\.\d\d % on the test images$", lines[header + 4]);
        Assert.StartsWith("Best accuracy", lines[header + 5], StringComparison.Ordinal);
        Assert.Equal(0, terminal.Screen.Wrapped);
        Assert.Contains("  lowbit predict ./experiments/digits/one IMAGE...", lines);
        Assert.True(terminal.Screen.HasCursor);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Ctrl_C_leaves_a_run_to_continue_and_a_clean_terminal()
    {
        using var terminal = TerminalProcess.Start(folder.Path, Columns, "train", folder.Write("run.yaml", Small.Replace("epochs: 2", "epochs: 100000", StringComparison.Ordinal)));
        terminal.WaitFor("/100000  ");
        terminal.Type("\u0003");

        Assert.Equal(130, terminal.WaitForExit());
        Assert.EndsWith("Interrupted; continue with: lowbit train --resume ./experiments/digits/one\n", terminal.Screen.ToString());
        Assert.DoesNotContain("run: about ", terminal.Screen.ToString());
        Assert.Equal((0, true), (terminal.Screen.CursorColumn, terminal.Screen.HasCursor));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Without_colours_it_has_none()
    {
        using var terminal = TerminalProcess.StartAfter("export NO_COLOR=1;", folder.Path, Columns, "train", folder.Write("run.yaml", Small));
        Assert.Equal(0, terminal.WaitForExit());

        Assert.DoesNotMatch(@"\e\[\d+m", terminal.Output);
        Assert.Contains("run: about ", terminal.Output);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_terminal_without_a_cursor_to_move_gets_plain_lines()
    {
        using var terminal = TerminalProcess.StartAfter("export TERM=dumb;", folder.Path, Columns, "train", folder.Write("run.yaml", Small));
        Assert.Equal(0, terminal.WaitForExit());

        Assert.DoesNotContain("\e[", terminal.Output);
        Assert.Contains("epoch   2  rate 0.025", terminal.Output);
    }

    /// <summary>LOWBIT_UPDATE_DOCS=1 draws the picture anew. Its figures are of one machine and one hour, so that the text around them is compared.</summary>
    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void The_picture_in_the_documentation_shows_a_training_as_it_is()
    {
        using var terminal = TerminalProcess.Start(folder.Path, Columns, "train", folder.Write("run.yaml", Quick));
        terminal.WaitFor("epoch 4/8  \e[32m━━━━━━━━━━");
        Screen screen = terminal.Screen;
        terminal.Type("\u0003");
        terminal.WaitForExit();
        string picture = ScreenPicture.Of(screen, Columns).Replace(Path.GetFullPath(folder.Path), "/home/me", StringComparison.Ordinal);

        string path = Repository.PathOf("docs/images/train.svg");
        if (Environment.GetEnvironmentVariable("LOWBIT_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, picture);
        }
        Assert.Equal(Words(picture), Words(File.ReadAllText(path)));
    }

    /// <summary>What does not depend on figures: each line's letters.</summary>
    static string[] Words(string picture) => [.. ScreenPicture.LinesOf(picture)
        .Select(line => string.Concat(line.Where(character => char.IsAsciiLetter(character))).Replace("best", "", StringComparison.Ordinal)).Where(line => line.Length > 0)];
}
