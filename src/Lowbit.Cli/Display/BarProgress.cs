using Lowbit.Data;
using Lowbit.Training;
using Spectre.Console;

namespace Lowbit.Cli.Display;

/// <summary>A run on a terminal: a bar for the epoch (or the download), the results of finished epochs above it.</summary>
sealed class BarProgress(ProgressContext context) : ITrainingObserver
{
    ProgressTask? bar;
    string shown = "";
    string? stage;

    public void Downloading(DownloadProgress progress) => Show(progress.File, RunLines.Of(progress), progress.Received, progress.Total ?? progress.Received);

    public void Started(RunStart start)
    {
        stage = start.Stage;
        foreach (string line in RunLines.Of(start)) AnsiConsole.WriteLine(line);
    }

    public void Notice(string message) => AnsiConsole.WriteLine(message);

    public void Progressed(EpochProgress progress) => Show($"epoch {progress.Epoch}", RunLines.Of(progress, stage), progress.Batch, progress.Batches);

    public void EpochFinished(EpochResult result, bool isBest) => AnsiConsole.WriteLine(RunLines.Of(result, isBest, stage));

    void Show(string what, string description, double value, double of)
    {
        if (bar is null || what != shown)
        {
            bar?.StopTask();
            bar = context.AddTask(Markup.Escape(description));
            shown = what;
        }
        bar.Description = Markup.Escape(description);
        bar.MaxValue = of;
        bar.Value = value;
    }
}
