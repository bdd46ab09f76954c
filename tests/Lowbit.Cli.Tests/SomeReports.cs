using Lowbit.Cli.Reports;

namespace Lowbit.Cli.Tests;

/// <summary>Reports of some runs, each made once.</summary>
public sealed class SomeReports : IDisposable
{
    readonly Dictionary<string, RunReport> made = [];

    public SomeRuns Runs { get; } = new();

    public void Dispose() => Runs.Dispose();

    internal RunReport ReportOf(string name)
    {
        if (!made.TryGetValue(name, out RunReport? report)) made.Add(name, report = Make(Runs.PathOf("runs", "digits", name), null));
        return report;
    }

    internal static RunReport Make(string run, string? images)
    {
        using var source = new ReportSource(run, null, images);
        return RunReport.Of(source, new Progress<ReportStage>(), CancellationToken.None);
    }
}
