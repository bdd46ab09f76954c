using System.Globalization;
using Lowbit.Cli.Display;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Reports;

/// <summary>All that the page about several runs shows.</summary>
sealed record RunComparison : IPage
{
    public string Template => "compare";

    public object Data => new { Runs };

    public required string Title { get; init; }

    public required string Date { get; init; }

    public required IReadOnlyList<ComparedRun> Runs { get; init; }

    /// <summary>Results and costs of the runs.</summary>
    public required IReadOnlyList<ComparisonRow> Results { get; init; }

    /// <summary>Every key of the configurations.</summary>
    public required IReadOnlyList<ComparisonRow> Configuration { get; init; }

    public required string Version { get; init; }

    public IReadOnlyList<string> Missing => [.. Runs.Where(run => run.Epochs.Count == 0).Select(run => $"{run.Name}: no curves, as no epoch is finished or metrics.csv is gone.")];

    public bool HasCurves => Runs.Any(run => run.Epochs.Count > 0);

    public bool HasAccuracies => Runs.Any(run => run.Accuracy is not null);

    public static RunComparison Of(IReadOnlyList<RunSummary> runs)
    {
        string[] names = ComparisonTable.NamesOf(runs);
        return new()
        {
            Title = $"{runs.Count} runs compared",
            Version = LowbitVersion.Text,
            Date = DateTime.Now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            Runs =
            [
                .. runs.Zip(names, (run, name) => new ComparedRun(
                    Printable.Short(name), Printable.Line(NearPath.Of(run.Folder.Path)), run.BestAccuracy, run.Network.PackedBytes, run.Network.BitOperations, [.. run.Epochs.Select(EpochPoint.Of)])),
            ],
            Results = [.. ComparisonTable.ResultsOf(runs)],
            Configuration = [.. ComparisonTable.KeysOf(runs, all: true)],
        };
    }
}

/// <summary>A run as charts compare it: its best accuracy, 0 to 1, and what it costs.</summary>
sealed record ComparedRun(string Name, string Path, double? Accuracy, long PackedBytes, long BitOperations, IReadOnlyList<EpochPoint> Epochs);
