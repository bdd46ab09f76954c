using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>Finished epochs as rows of a table; a terminal that is too narrow for all columns gets those that matter most.</summary>
/// <param name="validates">Whether the run has validation images.</param>
sealed class EpochTable(bool validates)
{
    const string Best = "best", Gap = "  ", Validation = "val.";

    static readonly Column[] All =
    [
        new("", "epoch", 5, 0, r => $"{r.Epoch}"),
        new("", "rate", 8, 3, r => Figures.Number(r.LearningRate, "0.######")),
        new("train", "loss", 7, 5, r => Loss(r.Train)),
        new("train", "top-1", 8, 4, r => Top1(r.Train)),
        new(Validation, "loss", 7, 6, r => Loss(r.Validation)),
        new(Validation, "top-1", 8, 1, r => Top1(r.Validation)),
        new("test", "loss", 7, 7, r => Loss(r.Test)),
        new("test", "top-1", 8, 1, r => Top1(r.Test)),
        new("", "images/s", 8, 2, r => r.ImagesPerSecond.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)),
        new("", "time", 7, 2, r => Figures.Time(TimeSpan.FromSeconds(r.Seconds))),
    ];

    /// <summary>The two lines above the rows.</summary>
    /// <param name="width">Columns of the terminal.</param>
    public IReadOnlyList<string> Header(int width)
    {
        Column[] columns = Fitting(width);
        return
        [
            Line(columns.Select((column, i) => i > 0 && columns[i - 1].Group == column.Group ? "" : column.Group), columns),
            Line(columns.Select(column => column.Title), columns),
        ];
    }

    /// <summary>The row of an epoch.</summary>
    /// <param name="result">The epoch.</param>
    /// <param name="isBest">Whether no epoch before it was as good.</param>
    /// <param name="width">Columns of the terminal.</param>
    public string Row(EpochResult result, bool isBest, int width)
    {
        Column[] columns = Fitting(width);
        return Line(columns.Select(column => column.Cell(result)), columns) + (isBest ? Gap + Best : "");
    }

    /// <summary>All columns that the run has, without the least important ones until the others fit beside the mark of the best.</summary>
    Column[] Fitting(int width)
    {
        Column[] columns = [.. All.Where(column => validates || column.Group != Validation)];
        while (columns.Length > 1 && columns.Sum(column => column.Width + Gap.Length) + Best.Length >= width)
        {
            Column least = columns.MaxBy(column => column.Rank)!;
            columns = [.. columns.Where(column => column != least)];
        }
        return columns;
    }

    static string Line(IEnumerable<string> cells, Column[] columns) => string.Join(Gap, cells.Zip(columns, (cell, column) => cell.PadLeft(column.Width))).TrimEnd();

    static string Loss(Score? score) => score is null ? "" : Figures.Number(score.Loss, "0.0000");

    static string Top1(Score? score) => score is null ? "" : Figures.Percent(score.Top1);

    /// <param name="Group">What stands above the title, once for neighbours of the same group.</param>
    /// <param name="Title">The title.</param>
    /// <param name="Width">Characters.</param>
    /// <param name="Rank">The higher, the earlier it is left out.</param>
    /// <param name="Cell">Its text in the row of an epoch.</param>
    sealed record Column(string Group, string Title, int Width, int Rank, Func<EpochResult, string> Cell);
}
