using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Display;

/// <summary>Runs side by side: their results, what they cost, and where their configurations differ.</summary>
static class ComparisonTable
{
    const string Differs = "* ", Same = "  ", Absent = "-";

    static readonly (string Name, Func<RunSummary, string> Text)[] Results =
    [
        ("best accuracy", run => Percent(run.BestAccuracy)),
        ("best epoch", run => run.Position.BestEpoch == 0 ? Absent : $"{run.Position.BestEpoch}"),
        ("last accuracy", run => Percent(run.LastAccuracy)),
        ("epochs", run => $"{run.Position.Epoch}/{run.Options.Training.Epochs}"),
        ("state", run => run.State.ToString().ToLowerInvariant()),
        ("trained for", run => run.Epochs.Count == 0 ? Absent : Figures.Time(TimeSpan.FromSeconds(run.Epochs.Sum(epoch => epoch.Seconds)))),
        ("dataset", run => run.Dataset),
        ("model", run => run.Model),
        ("bits", run => run.Bits),
        ("parameters", run => Figures.Count(run.Network.Parameters)),
        ("packed bytes", run => Figures.Count(run.Network.PackedBytes)),
        ("MACs", run => Figures.Count(run.Network.Macs)),
        ("bit operations", run => Figures.Count(run.Network.BitOperations)),
    ];

    /// <summary>The table. Rows in which runs differ begin with a star.</summary>
    /// <param name="runs">The runs, a column each.</param>
    /// <param name="all">Whether keys that are the same, and those without an effect on the weights, are shown, too.</param>
    public static string Format(IReadOnlyList<RunSummary> runs, bool all) =>
        TextTable.Format([[Same, .. NamesOf(runs)], .. ResultsOf(runs).Concat(KeysOf(runs, all)).Select(Text)]);

    /// <summary>Results and costs of the runs.</summary>
    public static IEnumerable<ComparisonRow> ResultsOf(IReadOnlyList<RunSummary> runs) =>
        Results.Select(result => new ComparisonRow(result.Name, [.. runs.Select(result.Text)]));

    /// <summary>The keys of the configurations; without <paramref name="all"/>, those that differ and have an effect on the weights.</summary>
    public static IEnumerable<ComparisonRow> KeysOf(IReadOnlyList<RunSummary> runs, bool all)
    {
        OptionValue[][] keys = [.. runs.Select(run => OptionValue.Of(run.Options).ToArray())];
        var names = keys.SelectMany(run => run).Where(key => all || key.ChangesWeights).Select(key => key.Name).Distinct();
        foreach (string name in names.GroupBy(name => name.Split('.')[0]).SelectMany(section => section))
        {
            string[] values = [.. keys.Select(run => run.FirstOrDefault(key => key.Name == name)?.Value ?? Absent)];
            if (all || values.Distinct().Skip(1).Any()) yield return new(name, values);
        }
    }

    /// <summary>The folders' names, or their paths where two have the same name.</summary>
    public static string[] NamesOf(IReadOnlyList<RunSummary> runs)
    {
        string[] names = [.. runs.Select(run => Path.GetFileName(Path.GetFullPath(run.Folder.Path)))];
        return [.. (names.Distinct().Count() == names.Length ? names : runs.Select(run => NearPath.Of(run.Folder.Path))).Select(Printable.Line)];
    }

    /// <summary>One JSON array, an object a run, with all keys of its configuration.</summary>
    public static string Json(IReadOnlyList<RunSummary> runs) => JsonSerializer.Serialize(runs.Select(run => new
    {
        run = NearPath.Of(run.Folder.Path),
        model = run.Model,
        bits = run.Bits,
        dataset = run.Dataset,
        epochs = run.Position.Epoch,
        best = run.BestAccuracy,
        best_epoch = run.Position.BestEpoch,
        last = run.LastAccuracy,
        state = run.State.ToString().ToLowerInvariant(),
        seconds = run.Epochs.Sum(epoch => epoch.Seconds),
        parameters = run.Network.Parameters,
        packed_bytes = run.Network.PackedBytes,
        macs = run.Network.Macs,
        bit_operations = run.Network.BitOperations,
        configuration = OptionValue.Of(run.Options).ToDictionary(key => key.Name, key => key.Value),
    }));

    static string[] Text(ComparisonRow row) => [(row.Differs ? Differs : Same) + row.Name, .. row.Values.Select(value => Printable.Short(value))];

    static string Percent(double? fraction) => fraction is { } value ? Figures.Percent(value) : Absent;
}

/// <summary>A figure or a key of several runs.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Values">Its value in each run.</param>
sealed record ComparisonRow(string Name, IReadOnlyList<string> Values)
{
    /// <summary>Whether two runs have different values.</summary>
    public bool Differs => Values.Distinct().Skip(1).Any();
}
