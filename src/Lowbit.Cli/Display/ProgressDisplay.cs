using Lowbit.Configuration;
using Lowbit.Training;
using Spectre.Console;

namespace Lowbit.Cli.Display;

/// <summary>Shows a run: a live table on a terminal, plain lines in a log or a pipe.</summary>
static class ProgressDisplay
{
    const int UsualWidth = 80;

    /// <summary>Columns of the terminal, where it says how many.</summary>
    static int Width => Console.WindowWidth is > 0 and var columns ? columns : UsualWidth;

    /// <summary>Runs <paramref name="run"/> with the display that fits where the output goes.</summary>
    public static RunResult Run(ProgressOptions options, Func<ITrainingObserver, RunResult> run)
    {
        Capabilities terminal = AnsiConsole.Profile.Capabilities;
        if (!ConsoleOutput.IsTerminal || !options.Enabled || !terminal.Ansi) return run(new PlainProgress(options.Enabled));
        var live = new LiveProgress(Console.Out, () => Width, terminal.ColorSystem != ColorSystem.NoColors);
        try
        {
            return run(live);
        }
        finally
        {
            live.End();
        }
    }
}
