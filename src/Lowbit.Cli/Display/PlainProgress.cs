using System.Diagnostics;
using Lowbit.Data;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>A run as plain lines: its start, every epoch's result, and now and then how far an epoch has come.</summary>
sealed class PlainProgress(bool withinEpochs) : ITrainingObserver
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(20);

    readonly Stopwatch sinceLine = Stopwatch.StartNew();
    string? stage;

    public void Downloading(DownloadProgress progress)
    {
        if (IsTimeForALine()) Console.WriteLine(RunLines.Of(progress));
    }

    public void Started(RunStart start)
    {
        stage = start.Stage;
        foreach (string line in RunLines.Of(start)) Console.WriteLine(line);
    }

    public void Notice(string message) => Console.WriteLine(message);

    public void Progressed(EpochProgress progress)
    {
        if (withinEpochs && progress.Batch < progress.Batches && IsTimeForALine()) Console.WriteLine(RunLines.Of(progress, stage));
    }

    public void EpochFinished(EpochResult result, bool isBest)
    {
        sinceLine.Restart();
        Console.WriteLine(RunLines.Of(result, isBest, stage));
    }

    bool IsTimeForALine()
    {
        if (sinceLine.Elapsed < BetweenLines) return false;
        sinceLine.Restart();
        return true;
    }
}
