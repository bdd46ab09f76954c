namespace Lowbit.Cli.Display;

/// <summary>Rows as aligned columns of plain text: the first to the left, numbers to the right.</summary>
static class TextTable
{
    public static string Format(IReadOnlyList<string[]> cells)
    {
        string[][] rows = [.. cells.Select(row => Array.ConvertAll(row, cell => Printable.Short(cell, Printable.LongestCell)))];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        return string.Concat(rows.Select(row => string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd() + "\n"));
    }
}
