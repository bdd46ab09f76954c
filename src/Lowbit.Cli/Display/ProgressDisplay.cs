using Lowbit.Configuration;
using Lowbit.Training;
using Spectre.Console;

namespace Lowbit.Cli.Display;

/// <summary>Shows a run: a moving bar on a terminal, plain lines in a log or a pipe.</summary>
static class ProgressDisplay
{
    /// <summary>Runs <paramref name="run"/> with the display that fits where the output goes.</summary>
    public static RunResult Run(ProgressOptions options, Func<ITrainingObserver, RunResult> run)
    {
        if (!ConsoleOutput.IsTerminal || !options.Enabled) return run(new PlainProgress(options.Enabled));
        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => run(new BarProgress(context)));
    }
}
