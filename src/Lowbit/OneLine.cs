namespace Lowbit;

/// <summary>Text of a file as a sentence can show it: control characters as question marks, and no longer than a line.</summary>
static class OneLine
{
    public static string Of(string text, int longest = 100)
    {
        string shown = text.Length <= longest ? text : text[..longest] + "...";
        return string.Concat(shown.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c) ? '?' : c));
    }
}
