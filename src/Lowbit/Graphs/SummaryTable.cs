using System.Globalization;

namespace Lowbit.Graphs;

/// <summary>A summary as a table of plain text.</summary>
static class SummaryTable
{
    static readonly string[] Header =
        ["node", "kind", "output", "parameters", "MACs", "weight bits", "input bits", "bit operations", "float32 bytes", "packed bytes"];

    public static string Format(Summary summary)
    {
        string[][] rows =
        [
            Header,
            .. summary.Nodes.Select(node => (string[])[Printable.Short(node.Name, Printable.LongestCell), Printable.Short(node.Kind, Printable.LongestCell), node.Output.ToString(), Count(node.Cost.Parameters), Count(node.Cost.Macs),
                $"{node.WeightBitWidth}", $"{node.InputBitWidth}", Count(node.BitOperations), Count(node.FloatBytes), Count(node.PackedBytes)]),
            ["total", "", "", Count(summary.Parameters), Count(summary.Macs),
                Mean(summary.WeightBitWidth), Mean(summary.InputBitWidth), Count(summary.BitOperations), Count(summary.FloatBytes), Count(summary.PackedBytes)],
        ];
        int[] widths = [.. Header.Select((_, column) => rows.Max(row => row[column].Length))];
        return string.Concat(rows.Select(row => Line(row, widths)));
    }

    static string Line(string[] row, int[] widths) =>
        string.Join("  ", row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd() + "\n";

    static string Count(long value) => value == 0 ? "" : value.ToString("N0", CultureInfo.InvariantCulture);

    static string Mean(double bits) => bits.ToString("0.##", CultureInfo.InvariantCulture);
}
