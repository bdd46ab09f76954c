using System.Globalization;

namespace Lowbit;

/// <summary>Text from outside, as it may appear in a message: a terminal would act on the control characters in it.</summary>
public static class Printable
{
    /// <summary>Characters of a name in a table.</summary>
    public const int LongestCell = 100;

    /// <summary>Characters of a line of a message: more than a path and several names, and few enough to read.</summary>
    public const int LongestLine = 2000;

    /// <summary>
    /// The text with each control character but line ends as the escape that stands for it in JSON, and lines that a name of thousands of characters makes long without their middle.
    /// </summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => WithoutMiddle(Escape(line, char.IsControl))));

    /// <summary>The text on one line.</summary>
    public static string Line(string text) => Escape(text, character => char.IsControl(character) || character is '\u2028' or '\u2029');

    /// <summary>The begin of the text on one line, cut where it is long.</summary>
    public static string Short(string text, int longest = 60)
    {
        if (text.Length <= longest) return Line(text);
        if (char.IsHighSurrogate(text[longest - 1])) longest--;
        return Line(text[..longest]) + "...";
    }

    static string WithoutMiddle(string line)
    {
        if (line.Length <= LongestLine) return line;
        int begin = LongestLine * 3 / 4, end = line.Length - LongestLine / 4;
        if (char.IsHighSurrogate(line[begin - 1])) begin--;
        if (char.IsLowSurrogate(line[end])) end++;
        return $"{line[..begin]} ... {line[end..]}";
    }

    static string Escape(string text, Func<char, bool> mustGo) => text.Any(mustGo)
        ? string.Concat(text.Select(character => mustGo(character) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}") : $"{character}"))
        : text;
}
