using System.Globalization;
using System.IO.Enumeration;
using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Display;

/// <summary>Runs as a table, sorted and filtered by its columns.</summary>
sealed class RunTable
{
    /// <summary>A column: its name, its text, what it is sorted by, and its value in JSON.</summary>
    sealed record Column(string Key, Func<RunSummary, string> Text, Func<RunSummary, IComparable?> Order, Func<RunSummary, object?> Value, bool HighestFirst = false);

    static readonly Column[] Columns =
    [
        Of("run", run => NearPath.Of(run.Folder.Path)),
        Of("model", run => run.Model),
        Of("bits", run => run.Bits),
        Of("dataset", run => run.Dataset),
        new("epochs", run => $"{run.Position.Epoch}/{run.Options.Training.Epochs}", run => run.Position.Epoch, run => run.Position.Epoch),
        new("last", run => Percent(run.LastAccuracy), run => run.LastAccuracy ?? -1, run => run.LastAccuracy, HighestFirst: true),
        new("best", run => Percent(run.BestAccuracy), run => run.BestAccuracy ?? -1, run => run.BestAccuracy, HighestFirst: true),
        new("bytes", run => run.Network.PackedBytes.ToString("N0", CultureInfo.InvariantCulture), run => run.Network.PackedBytes, run => run.Network.PackedBytes),
        new("date", run => run.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), run => run.Date, run => run.Date, HighestFirst: true),
        Of("state", run => run.State.ToString().ToLowerInvariant()),
    ];

    readonly Column sort;
    readonly (Column Column, string Pattern)[] filters;

    /// <param name="sort">The key of the column to sort by.</param>
    /// <param name="filters">What runs must have, key=value.</param>
    /// <exception cref="ConfigurationException">There is no such column, or a filter is no key=value.</exception>
    public RunTable(string sort, IReadOnlyList<string> filters)
    {
        this.sort = Named("--sort", sort);
        this.filters =
        [
            .. filters.Select(filter => filter.Split('=', 2) is [var key, var pattern]
                ? (Named("--filter", key), pattern)
                : throw new ConfigurationException([$"--filter is {Printable.Short(filter)}; key=value as in dataset=cifar10 is expected"])),
        ];
    }

    /// <summary>The columns' names.</summary>
    public static IEnumerable<string> Keys => Columns.Select(column => column.Key);

    /// <summary>The runs that pass the filters, in order.</summary>
    public RunSummary[] Choose(IEnumerable<RunSummary> runs)
    {
        var chosen = runs.Where(run => filters.All(filter => FileSystemName.MatchesSimpleExpression(filter.Pattern, filter.Column.Text(run))));
        return [.. sort.HighestFirst ? chosen.OrderByDescending(sort.Order) : chosen.OrderBy(sort.Order)];
    }

    /// <summary>The table.</summary>
    public static string Format(IReadOnlyList<RunSummary> runs) =>
        TextTable.Format([[.. Keys], .. runs.Select(run => (string[])[.. Columns.Select(column => Printable.Line(column.Text(run)))])]);

    /// <summary>One JSON array, accuracies of 0 to 1.</summary>
    public static string Json(IEnumerable<RunSummary> runs) => JsonSerializer.Serialize(runs.Select(run => Columns
        .Select(column => KeyValuePair.Create(column.Key, column.Value(run)))
        .Append(new("epochs_asked", run.Options.Training.Epochs)).ToDictionary()));

    static Column Of(string key, Func<RunSummary, string> text) => new(key, text, text, text);

    static Column Named(string option, string key) => Columns.FirstOrDefault(column => column.Key == key)
        ?? throw new ConfigurationException([$"{option}: {Printable.Short(key)} is not a column; there are {string.Join(", ", Keys)}{NearestName.Hint(key, Keys)}"]);

    static string Percent(double? fraction) => fraction is { } value ? Figures.Percent(value) : "-";
}
