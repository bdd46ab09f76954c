using Lowbit.Cli.Display;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Reports;

/// <summary>The figures of a run that a reader looks for first.</summary>
static class RunFacts
{
    public static IReadOnlyList<Fact> Of(RunSummary run) =>
    [
        new("best accuracy", run.BestAccuracy is { } best ? $"{Figures.Percent(best)} (epoch {run.Position.BestEpoch})" : "none yet"),
        new("epochs", $"{run.Position.Epoch} of {run.Options.Training.Epochs}, {run.State.ToString().ToLowerInvariant()}"),
        new("bits (weights/activations)", run.Bits),
        new("parameters", Figures.Count(run.Network.Parameters)),
        new("packed bytes", Figures.Count(run.Network.PackedBytes)),
        new("MACs an image", Figures.Count(run.Network.Macs)),
        new("bit operations an image", Figures.Count(run.Network.BitOperations)),
        new("trained for", run.Epochs.Count == 0 ? "unknown" : Figures.Time(TimeSpan.FromSeconds(run.Epochs.Sum(epoch => epoch.Seconds)))),
    ];
}
