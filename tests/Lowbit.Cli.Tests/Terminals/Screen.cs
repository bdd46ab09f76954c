using System.Globalization;

namespace Lowbit.Cli.Tests.Terminals;

/// <summary>What a terminal shows of a text with escape sequences: as much of an ECMA-48 terminal as a command uses, and no more.</summary>
sealed class Screen(int columns)
{
    readonly List<List<(char Character, string Style)>> lines = [[]];
    int row, column;
    string style = "";

    /// <summary>Whether the cursor can be seen.</summary>
    public bool HasCursor { get; private set; } = true;

    /// <summary>Characters that did not fit in their line any more and went to the next one.</summary>
    public int Wrapped { get; private set; }

    /// <summary>The column of the cursor, from 0.</summary>
    public int CursorColumn => column;

    /// <summary>All lines, those that scrolled out of sight included, without blanks at their ends.</summary>
    public IReadOnlyList<string> Lines => [.. lines.Select(line => string.Concat(line.Select(cell => cell.Character)).TrimEnd())];

    /// <summary>Characters and their styles, as the parameters of the escape sequence that set them.</summary>
    public IReadOnlyList<IReadOnlyList<(char Character, string Style)>> Cells => lines;

    public override string ToString() => string.Join('\n', Lines).TrimEnd('\n') + "\n";

    /// <summary>The screen that a text leaves.</summary>
    public static Screen Of(string text, int columns)
    {
        var screen = new Screen(columns);
        screen.Write(text);
        return screen;
    }

    void Write(string text)
    {
        for (int i = 0; i < text.Length; i++)
            switch (text[i])
            {
                case '\e' when i + 1 < text.Length && text[i + 1] == '[':
                    int end = i + 2;
                    while (end < text.Length && !char.IsBetween(text[end], '@', '~')) end++;
                    if (end < text.Length) Control(text[end], text[(i + 2)..end]);
                    i = end;
                    break;
                case '\e': i++; break;   // modes of the keyboard
                case '\r': column = 0; break;
                case '\n': MoveTo(row + 1, 0); break;   // the driver of a terminal puts a return before it
                case '\b': column = Math.Max(0, column - 1); break;
                case '\a': break;
                default: Put(text[i]); break;
            }
    }

    void Put(char character)
    {
        if (column == columns)
        {
            Wrapped++;
            MoveTo(row + 1, 0);
        }
        List<(char, string)> line = lines[row];
        while (line.Count <= column) line.Add((' ', ""));
        line[column++] = (character, style);
    }

    void MoveTo(int newRow, int newColumn)
    {
        while (lines.Count <= newRow) lines.Add([]);
        (row, column) = (newRow, newColumn);
    }

    void Control(char command, string parameters)
    {
        int count = int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 1;
        switch (command)
        {
            case 'A': row = Math.Max(0, row - count); break;
            case 'B': MoveTo(row + count, column); break;
            case 'C': column = Math.Min(columns - 1, column + count); break;
            case 'D': column = Math.Max(0, column - count); break;
            case 'G': column = count - 1; break;
            case 'K': Cut(); break;
            case 'J':
                Cut();
                lines.RemoveRange(row + 1, lines.Count - row - 1);
                break;
            case 'm': style = parameters is "" or "0" ? "" : parameters; break;
            case 'h' or 'l' when parameters == "?25": HasCursor = command == 'h'; break;
            case 'h' or 'l': break;
            default: throw new NotSupportedException($"ESC [ {parameters} {command}");
        }
    }

    void Cut()
    {
        if (lines[row].Count > column) lines[row].RemoveRange(column, lines[row].Count - column);
    }
}
