namespace Lowbit;

/// <summary>Finds the name that a user most likely meant.</summary>
static class NearestName
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

    /// <summary>Levenshtein's edit distance, one row of the table at a time.</summary>
    static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
