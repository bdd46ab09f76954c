using YamlDotNet.Core;

namespace Lowbit.Configuration;

/// <summary>Keys that the command line sets: they take the place of the file's.</summary>
static class Overrides
{
    /// <summary>The file's values with one <c>section.key=value</c> put into them.</summary>
    public static YamlSection Apply(string assignment, YamlSection root, Problems problems)
    {
        string option = $"--set {Printable.Short(assignment)}";
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        string[] path = equals < 0 ? [] : assignment[..equals].Trim().Split('.');
        if (path.Length != 2 || path.Any(string.IsNullOrEmpty))
        {
            problems.Error($"{option}: give section.key=value, as in --set optimizer.learning_rate=0.01");
            return root;
        }
        try
        {
            YamlText section = Name(path[0]), key = Name(path[1]);
            YamlValue value = YamlReader.Read(assignment[(equals + 1)..]) is [var first, ..] ? first : Name("");
            YamlSection old = root.Find(section.Text)?.Value as YamlSection ?? new(Mark.Empty, []), changed = old.With(key, value);
            if (old.Entries.Count == 0) problems.ComesFrom(changed, option);
            foreach (YamlValue own in Within(value).Append(key).Append(section)) problems.ComesFrom(own, option);
            return root.Replace(section, changed);
        }
        catch (YamlTextException problem)
        {
            problems.Error($"{option}: {(problem.IsSyntax ? "the value is not YAML" : problem.Message)}");
            return root;
        }
    }

    static YamlText Name(string text) => new(Mark.Empty, text, isPlain: true);

    static IEnumerable<YamlValue> Within(YamlValue value) => value.Children.SelectMany(Within).Prepend(value);
}
