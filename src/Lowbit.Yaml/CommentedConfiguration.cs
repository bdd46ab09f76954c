using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Lowbit.Configuration;

/// <summary>Writes some keys of a configuration as YAML for people to read and to change: each below what it means and what is allowed.</summary>
public static partial class CommentedConfiguration
{
    const int Columns = 100;

    /// <summary>The YAML text.</summary>
    /// <param name="configuration">The values.</param>
    /// <param name="keys">The keys, those of a section one after the other; all others have their defaults.</param>
    public static string Write(RunConfiguration configuration, IEnumerable<ConfigurationKey> keys)
    {
        var text = new StringBuilder();
        foreach (var section in keys.GroupBy(key => key.SectionProperty))
        {
            if (text.Length > 0) text.Append('\n');
            Comment(text, "", OptionDescriptions.Of(section.Key));
            text.Append(KeyNames.Of(section.Key)).Append(":\n");
            foreach (ConfigurationKey key in section)
            {
                Comment(text, "  ", key.Description + (key.Allowed is { } allowed ? $" Allowed: {allowed}." : ""));
                text.Append("  ").Append(key.Key).Append(": ").Append(Value(key, section.Key.GetValue(configuration)!)).Append('\n');
            }
        }
        return text.ToString();
    }

    static string Value(ConfigurationKey key, object section) => key.Property.GetValue(section) switch
    {
        string name when Name().IsMatch(name) => name,
        string path when key.Property.IsDefined(typeof(PathAttribute)) => ConfigurationWriter.Text(ExpandedPath.Escape(path)),
        var value => ConfigurationWriter.Text(value),
    };

    static void Comment(StringBuilder text, string indent, string sentences)
    {
        string line = indent + "#";
        foreach (string word in sentences.Replace("`", "", StringComparison.Ordinal).Split(' '))
        {
            if (line.Length + 1 + word.Length > Columns)
            {
                text.Append(line).Append('\n');
                line = indent + "#";
            }
            line += " " + word;
        }
        text.Append(line).Append('\n');
    }

    /// <summary>What YAML reads as text without quotes: no number, no truth value, nothing with a sign in it.</summary>
    [GeneratedRegex("^(?!(true|false|null|yes|no|on|off)$)[a-z][a-z0-9_]*$")]
    private static partial Regex Name();
}
