using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>The sentences by which a run is shown.</summary>
static class RunLines
{
    public static IEnumerable<string> Of(RunStart start)
    {
        Summary summary = Summary.Of(start.Model);
        string validation = start.ValidationImages > 0 ? $", {start.ValidationImages:N0} to validate" : "";
        yield return $"{start.ModelName}: {summary.Parameters:N0} parameters, {summary.Macs:N0} MACs, weights of {Figures.Number(summary.WeightBitWidth, "0.##")} bits, "
            + $"{summary.FloatBytes:N0} bytes as float, {summary.PackedBytes:N0} packed";
        yield return $"{start.Dataset.Name}: {start.TrainingImages:N0} images to train{validation}, {start.TestImages:N0} to test; on {start.Device}";
        if (start.Folder is not null) yield return $"run folder: {Path.GetFullPath(start.Folder.Path)}";
        if (start.Position.Epoch > start.Position.EarlierEpochs || start.Position.Batch > 0)
            yield return $"continues after epoch {start.Position.Epoch}{(start.Position.Batch > 0 ? $" and {start.Position.Batch} batches" : "")}";
    }

    public static string Of(EpochProgress p, string? stage) =>
        $"{Prefix(stage)}epoch {p.Epoch}/{p.Epochs}  batch {p.Batch}/{p.Batches}  {Figures.Of(p.Score)}, {Figures.Number(p.ImagesPerSecond, "0")} images/s, {Figures.Time(p.TimeLeft)} left";

    public static string Of(EpochResult r, bool isBest, string? stage) =>
        $"{Prefix(stage)}epoch {r.Epoch,3}  rate {Figures.Number(r.LearningRate, "0.######")}  train: {Figures.Of(r.Train)}"
        + (r.Validation is { } validation ? $"  validation: {Figures.Of(validation)}" : "")
        + (r.Test is { } test ? $"  test: {Figures.Of(test)}" : "")
        + $"  {Figures.Number(r.Seconds, "0.0")} s, {Figures.Number(r.ImagesPerSecond, "0")} images/s"
        + (r.Skipped > 0 ? $", {r.Skipped:N0} images skipped" : "") + (isBest ? "  best" : "");

    static string Prefix(string? stage) => stage is null ? "" : $"{stage}  ";

    public static string Of(DownloadProgress p) =>
        $"downloading {p.File}: {p.Received >> 20:N0}{(p.Total is { } total ? $" of {total >> 20:N0}" : "")} MiB";
}
