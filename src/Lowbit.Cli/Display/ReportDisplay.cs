using System.Diagnostics;
using Lowbit.Cli.Reports;
using Spectre.Console;

namespace Lowbit.Cli.Display;

/// <summary>Shows how far a report is: as a bar on a terminal, now and then as a line on standard error elsewhere.</summary>
static class ReportDisplay
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(20);

    public static RunReport Show(Func<IProgress<ReportStage>, RunReport> make)
    {
        if (!ConsoleOutput.IsTerminal) return make(new Lines());
        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => make(new Bar(context.AddTask("report"))));
    }

    sealed class Bar(ProgressTask task) : IProgress<ReportStage>
    {
        public void Report(ReportStage stage)
        {
            task.Description = Markup.Escape(stage.What);
            (task.MaxValue, task.Value) = (stage.Of, stage.Done);
        }
    }

    sealed class Lines : IProgress<ReportStage>
    {
        readonly Stopwatch sinceLine = Stopwatch.StartNew();

        public void Report(ReportStage stage)
        {
            if (sinceLine.Elapsed < BetweenLines) return;
            sinceLine.Restart();
            Console.Error.WriteLine($"{stage.What}: {stage.Done:N0} of {stage.Of:N0}");
        }
    }
}
