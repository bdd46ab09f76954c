namespace Lowbit.Cli.Display;

/// <summary>
/// Lines at the bottom of a terminal that change in their place, below what is written for good. The cursor stays visible, at the begin of the line below them, so that
/// a process that is killed leaves a terminal as it found it.
/// </summary>
/// <param name="terminal">Where they go.</param>
/// <param name="width">The terminal's columns, now.</param>
/// <param name="paint">What a line looks like, from its text; it may add escape sequences, nothing else.</param>
sealed class Footer(TextWriter terminal, Func<int> width, Func<string, string> paint)
{
    IReadOnlyList<string> shown = [];

    /// <summary>Puts lines in the place of those shown so far; what is wider than the terminal is cut off.</summary>
    public void Show(IReadOnlyList<string> lines)
    {
        int most = width() - 1;
        string erase = Erase();
        shown = [.. lines.Select(line => line.Length > most ? line[..Math.Max(most, 0)] : line)];
        terminal.Write(erase + Drawn());
    }

    /// <summary>Writes lines above.</summary>
    public void WriteAbove(IEnumerable<string> lines) => terminal.Write(Erase() + string.Concat(lines.Select(line => line + "\n")) + Drawn());

    /// <summary>Takes them away.</summary>
    public void Clear() => Show([]);

    string Drawn() => string.Concat(shown.Select(line => paint(line) + "\n"));

    /// <summary>Up to their first line, which is further up where the terminal became narrower and wraps them, and all away from there on.</summary>
    string Erase()
    {
        int columns = Math.Max(width(), 1), height = shown.Sum(line => Math.Max(1, (line.Length + columns - 1) / columns));
        return height == 0 ? "" : $"\e[{height}A\r\e[J";
    }
}
