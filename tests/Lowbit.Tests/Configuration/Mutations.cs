namespace Lowbit.Tests.Configuration;

/// <summary>Changes configurations as slips, merges and hostile hands do: by character, token, key, value and structure. All follows from the seed.</summary>
sealed class Mutations(int seed)
{
    static readonly string[] Tokens =
        [":", "-", "?", "{", "}", "[", "]", ",", "#", "&a", "*a", "!t", "!!int", "|", ">", "'", "\"", "%", "@", "`", "<<", "---", "...", "\t", "\r", "\0", "\uFEFF", "\u2028", "🎲", "~", "${", "${HOME}", "$$", "null"];

    static readonly string[] Values =
    [
        "", "~", "null", "true", "yes", "-1", "0", "1", "2", "1e300", "-1e300", "1e-300", "1e400", ".inf", ".nan", "NaN", "Infinity", "4294967296", "2147483647", "-2147483648", "0x10", "1_000", "1,5", "1000000",
        "'1'", "[]", "{}", "[1, 2]", "[0, 0]", "[[1]]", "{ a: 1 }", "../../x", "/dev/zero", "/dev/null", "~/x", "${NO_SUCH_VARIABLE}", "\"a\\0b\"", "*a", "&a [*a]", "!!binary x", "quant_cnv", "cnv", "adam", "digits",
        "2026-11-27", "'" + new string('x', 5_000) + "'", new string('9', 400), new string('[', 200), "'" + new string('*', 60) + "'",
    ];

    readonly Random random = new(seed);

    /// <summary>The text after one to four changes.</summary>
    public string Of(string yaml)
    {
        for (int changes = random.Next(1, 5); changes > 0; changes--)
            yaml = random.Next(5) switch { 0 => Character(yaml), 1 => Token(yaml), 2 => Key(yaml), 3 => Value(yaml), _ => Structure(yaml) };
        return yaml;
    }

    string Character(string yaml)
    {
        if (yaml.Length == 0) return "x";
        int at = random.Next(yaml.Length);
        return random.Next(3) switch
        {
            0 => yaml.Remove(at, 1),
            1 => yaml.Insert(at, $"{(char)random.Next(1, 0x250)}"),
            _ => yaml[..at] + (char)(yaml[at] ^ (1 << random.Next(7))) + yaml[(at + 1)..],
        };
    }

    string Token(string yaml) => yaml.Insert(random.Next(yaml.Length + 1), Pick(Tokens));

    /// <summary>Renames a key, or gives it a place elsewhere.</summary>
    string Key(string yaml) => AtLine(yaml, (lines, at) =>
    {
        int colon = lines[at].IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return;
        string indent = lines[at][..(lines[at].Length - lines[at].TrimStart().Length)];
        lines[at] = random.Next(3) switch
        {
            0 => indent + Pick(["x-own", "<<", "name", "weight", "milestones", "overrides", "root", "resume", "betas", "T_max", "experiment_name", "image_size", "width", "?", "\"\""]) + lines[at][colon..],
            1 => lines[at].Insert(random.Next(colon + 1), "_"),
            _ => $"? {lines[at].Trim()}",
        };
    });

    string Value(string yaml) => AtLine(yaml, (lines, at) =>
    {
        int colon = lines[at].IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0) lines[at] = $"{lines[at][..(colon + 1)]} {Pick(Values)}";
    });

    /// <summary>Repeats, removes, swaps, indents and cuts lines, and nests or repeats sections by anchors.</summary>
    string Structure(string yaml) => AtLine(yaml, (lines, at) =>
    {
        switch (random.Next(8))
        {
            case 0: lines.Insert(at, lines[at]); break;
            case 1: lines.RemoveAt(at); break;
            case 2: (lines[at], lines[0]) = (lines[0], lines[at]); break;
            case 3: lines[at] = new string(' ', random.Next(1, 9)) + lines[at]; break;
            case 4: lines[at] = lines[at].TrimStart(); break;
            case 5: lines.RemoveRange(at, lines.Count - at); break;
            case 6: lines.Insert(at, $"x-{random.Next(3)}: &a {Pick(["{ epochs: 3 }", "[*a, *a]", "{ <<: *a }", "1", "text"])}"); break;
            default: lines[at] = string.Concat(Enumerable.Repeat(Pick(["- ", "? ", "[", "{ a: "]), random.Next(1, 3_000))) + lines[at]; break;
        }
    });

    string AtLine(string yaml, Action<List<string>, int> change)
    {
        List<string> lines = [.. yaml.Split('\n')];
        change(lines, random.Next(lines.Count));
        return string.Join('\n', lines);
    }

    string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
