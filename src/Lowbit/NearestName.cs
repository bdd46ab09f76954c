namespace Lowbit;

/// <summary>Finds the name that a user most likely meant.</summary>
public static class NearestName
{
    const int Longest = 100;

    /// <summary>
    /// The valid name nearest to <paramref name="name"/> by edit distance, or null where none is near enough to be a typo of it, or begins like it.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> valid)
    {
        if (name.Length > Longest) return null;
        var (nearest, distance) = valid.Select(v => (v, Distance(Normalize(name), Normalize(v)))).DefaultIfEmpty().MinBy(pair => pair.Item2);
        return nearest is not null && (distance <= Math.Max(name.Length <= 3 ? 1 : 2, Math.Max(name.Length, nearest.Length) / 3) || BeginAlike(name, nearest)) ? nearest : null;
    }

    /// <summary>The end of an error sentence, "; did you mean X?" or nothing.</summary>
    public static string Hint(string name, IEnumerable<string> valid) => Of(name, valid) is { } nearest ? $"; did you mean {nearest}?" : "";

    /// <summary>Whether most of a name that is not too short is the other's beginning.</summary>
    static bool BeginAlike(string name, string other) => name.Length >= 6 && Normalize(name).AsSpan().CommonPrefixLength(Normalize(other)) * 3 >= name.Length * 2;

    static string Normalize(string name) => name.ToLowerInvariant().Replace('-', '_');

    /// <summary>Insertions, deletions, replacements, and exchanges of two neighbours, that make one of the other.</summary>
    static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }
                int least = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                table[i, j] = exchanged ? Math.Min(least, table[i - 2, j - 2] + 1) : least;
            }
        return table[a.Length, b.Length];
    }
}
