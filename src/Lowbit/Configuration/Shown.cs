namespace Lowbit.Configuration;

/// <summary>What a user wrote, as a message shows it.</summary>
static class Shown
{
    const int Longest = 60;

    /// <summary>The text on one line, without control characters, cut where it is long.</summary>
    public static string Text(string text)
    {
        string begin = text.Length <= Longest ? text : text[..Longest] + "...";
        return string.Concat(begin.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character));
    }
}
