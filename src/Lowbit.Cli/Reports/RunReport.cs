using System.Globalization;
using Lowbit.Cli.Display;

namespace Lowbit.Cli.Reports;

/// <summary>All that the page about a run shows.</summary>
sealed record RunReport : IPage
{
    public string Template => "report";

    public object Data => new
    {
        Epochs,
        BestEpoch,
        Evaluation = Evaluation is null ? null : new { Evaluation.ByClass, Evaluation.Classes, Evaluation.Confusion },
        Network = new { Network.Layers, Network.Total, Network.Activations, Network.Weights },
        Exports,
    };

    public required string Title { get; init; }

    public required string Run { get; init; }

    public required string Date { get; init; }

    public required IReadOnlyList<Fact> Facts { get; init; }

    public required IReadOnlyList<ConfigurationKeys> Configuration { get; init; }

    public required IReadOnlyList<EpochPoint> Epochs { get; init; }

    public required int BestEpoch { get; init; }

    /// <summary>The checkpoint that was looked at, as a phrase.</summary>
    public required string Checkpoint { get; init; }

    public required EvaluationSection? Evaluation { get; init; }

    public required LayersSection Network { get; init; }

    public required IReadOnlyList<ExportSize> Exports { get; init; }

    public required IReadOnlyList<HardwareNote> Hardware { get; init; }

    public required Reproduction Reproduction { get; init; }

    /// <summary>What the page has to do without, a sentence each.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Makes the report of a run; of what takes long it tells how far it is.</summary>
    public static RunReport Of(ReportSource source, IProgress<ReportStage> progress, CancellationToken cancel)
    {
        var run = source.Run;
        if (run.Epochs.Count == 0) source.Miss("No curves", run.Position.Epoch == 0 ? "no epoch is finished yet" : $"{source.Folder.Metrics} is not there");
        EvaluationSection? evaluation = source.Images is { } images
            ? source.Try("No accuracy by class, confusion matrix and mistakes", () => EvaluationSection.Of(source, images, progress, cancel))
            : null;
        var layers = LayersSection.Of(source, cancel);
        IReadOnlyList<ExportSize> exports = ExportSizes.Of(source, progress, cancel);
        return new()
        {
            Title = Printable.Short($"{run.Model} on {run.Dataset}", Printable.LongestCell),
            Run = Printable.Line(NearPath.Of(run.Folder.Path)),
            Date = DateTime.Now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            Facts = RunFacts.Of(run),
            Configuration = ConfigurationKeys.Of(run.Options),
            Epochs = [.. run.Epochs.Select(EpochPoint.Of)],
            BestEpoch = run.Position.BestEpoch,
            Checkpoint = $"{Printable.Line(NearPath.Of(source.Checkpoint.Path))}, after epoch {source.Checkpoint.Position.Epoch} ({source.WhyThisCheckpoint})",
            Evaluation = evaluation,
            Network = layers,
            Exports = exports,
            Hardware = source.Checkpoint.Graph.IsQuantized ? HardwareNotes.Of(source.Network, source.Argument) : [],
            Reproduction = Reproduction.Of(source),
            Missing = [.. source.Missing],
        };
    }
}
