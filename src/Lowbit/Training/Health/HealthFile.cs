using System.Globalization;

namespace Lowbit.Training.Health;

/// <summary>The state of every quantized layer after each epoch as CSV, one row an epoch and node; what is not known is empty.</summary>
public static class HealthFile
{
    static readonly string[] Header =
    [
        "epoch", "node", "part", "bits", "scale", "smallest_scale", "clipped", "zero", "channels", "dead_channels", "changed", "flipped",
    ];

    /// <summary>Writes the file, whole or not at all; nothing where no epoch has a row.</summary>
    public static void Write(string path, IEnumerable<EpochResult> results)
    {
        string[] rows = [.. results.SelectMany(result => result.Health.Select(layer => Row(result.Epoch, layer)))];
        if (rows.Length > 0) AtomicFile.WriteText(path, string.Concat(rows.Prepend(string.Join(',', Header) + "\n")));
    }

    /// <summary>The rows of a file's first epochs, by epoch; none where there is no file.</summary>
    /// <exception cref="LowbitException">The file is not one that this class wrote.</exception>
    public static ILookup<int, LayerHealth> Read(string path, int epochs)
    {
        if (!File.Exists(path)) return Array.Empty<LayerHealth>().ToLookup(_ => 0);
        try
        {
            return File.ReadLines(path).Skip(1).Select(Parse).TakeWhile(row => row.Epoch <= epochs).ToLookup(row => row.Epoch, row => row.Layer);
        }
        catch (Exception problem) when (problem is FormatException or IndexOutOfRangeException or OverflowException or ArgumentException)
        {
            throw new LowbitException($"{path} is not a file of a run's layers; move it away to go on without the epochs that it lists", problem);
        }
    }

    static string Row(int epoch, LayerHealth l) => string.Join(',',
        Text(epoch), Quoted(l.Node), l.Part.ToString().ToLowerInvariant(), Text(l.BitWidth), Text(l.Scale), Text(l.SmallestScale), Text(l.Clipped), Text(l.Zero),
        Text(l.Channels), Text(l.DeadChannels), Text(l.Changed), Text(l.Flipped)) + "\n";

    static (int Epoch, LayerHealth Layer) Parse(string line)
    {
        int node = line.IndexOf(',') + 1, end = EndOfCell(line, node);
        string[] cells = line[(end + 1)..].Split(',');   // those after the node
        return (Whole(line[..(node - 1)]), new(
            Unquoted(line[node..end]), Enum.Parse<QuantizedPart>(cells[0], ignoreCase: true), Whole(cells[1]), Required(cells[2]), Required(cells[3]),
            Number(cells[4]), Required(cells[5]), Whole(cells[6]), Whole(cells[7]))
        { Changed = Number(cells[8]), Flipped = Number(cells[9]) });
    }

    /// <summary>Where the cell that begins at a place ends: at the next comma outside of quotes.</summary>
    static int EndOfCell(string line, int begin)
    {
        bool quoted = false;
        for (int i = begin; i < line.Length; i++)
        {
            if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted) return i;
        }
        throw new FormatException("A row ends after its node");
    }

    static string Quoted(string name) => Printable.Line(name) is var line && line.AsSpan().ContainsAny(',', '"') ? $"\"{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : line;

    static string Unquoted(string cell) => cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    static string Text(double? value) => value?.ToString("G7", CultureInfo.InvariantCulture) ?? "";

    static double? Number(string cell) => cell.Length == 0 ? null : Required(cell);

    static double Required(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    static int Whole(string cell) => int.Parse(cell, NumberStyles.None, CultureInfo.InvariantCulture);
}
