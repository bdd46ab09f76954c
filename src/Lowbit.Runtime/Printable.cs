using System.Globalization;

namespace Lowbit;

/// <summary>Text from outside, as it may appear in a message: a terminal would act on the control characters in it.</summary>
static class Printable
{
    /// <summary>The text with each control character but line ends as the escape that stands for it in JSON.</summary>
    public static string Lines(string text) => Escape(text, character => char.IsControl(character) && character != '\n');

    /// <summary>The text on one line.</summary>
    public static string Line(string text) => Escape(text, character => char.IsControl(character) || character is '\u2028' or '\u2029');

    /// <summary>The begin of the text on one line, cut where it is long.</summary>
    public static string Short(string text, int longest = 60)
    {
        if (text.Length <= longest) return Line(text);
        if (char.IsHighSurrogate(text[longest - 1])) longest--;
        return Line(text[..longest]) + "...";
    }

    static string Escape(string text, Func<char, bool> mustGo) => text.Any(mustGo)
        ? string.Concat(text.Select(character => mustGo(character) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}") : $"{character}"))
        : text;
}
