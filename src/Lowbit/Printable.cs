using System.Globalization;

namespace Lowbit;

/// <summary>Text from outside, as it may appear in a message: a terminal would act on the control characters in it.</summary>
static class Printable
{
    /// <summary>The text with each control character but line ends as the escape that stands for it in JSON.</summary>
    public static string Lines(string text) => Escape(text, character => char.IsControl(character) && character != '\n');

    /// <summary>The text on one line.</summary>
    public static string Line(string text) => Escape(text, char.IsControl);

    static string Escape(string text, Func<char, bool> mustGo) => text.Any(mustGo)
        ? string.Concat(text.Select(character => mustGo(character) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}") : $"{character}"))
        : text;
}
