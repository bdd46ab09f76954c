using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Lowbit.Configuration;

/// <summary>Writes a configuration as YAML: every key that has an effect, with its value, so that it stays what it is when a default changes.</summary>
public static class ConfigurationWriter
{
    /// <summary>The YAML text of a configuration, or of the options of a run whose network and images a program gave; <c>ConfigurationReader</c> of Lowbit.Yaml reads the same one from it, but for keys without effect.</summary>
    public static string Write(RunOptions options)
    {
        var text = new StringBuilder();
        if (options is not RunConfiguration) text.Append("# A program gave the network and the images of this run; the network is in its checkpoints.\n");
        foreach (var (name, property) in KeyNames.Of(options.GetType()))
        {
            if (name == "quantization" && options is RunConfiguration { Model.Name: var model } && !Models.ModelZoo.IsQuantized(model)) continue;
            text.Append(name).Append(":\n");
            WriteSection(text, property.GetValue(options)!, "  ");
        }
        return text.ToString();
    }

    static void WriteSection(StringBuilder text, object section, string indent)
    {
        foreach (var (key, property) in KeyNames.Of(section.GetType()))
        {
            if (!OnlyForAttribute.HasEffect(property, section)) continue;
            object? value = property.GetValue(section);
            if (value is IList list && ValueTypes.ListItem(property.PropertyType) is { } item && KeyNames.IsSection(item) && ShorthandAttribute.Of(item) is null && list.Count > 0)
            {
                text.Append(indent).Append(key).Append(":\n");
                foreach (object entry in list)
                {
                    text.Append(indent).Append("  -\n");
                    WriteSection(text, entry, indent + "    ");
                }
            }
            else text.Append(indent).Append(key).Append(": ").Append(Text(property.IsDefined(typeof(PathAttribute)) && value is string path ? ExpandedPath.Escape(path) : value)).Append('\n');
        }
    }

    /// <summary>A value as YAML.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        Enum choice => KeyNames.Of(choice),
        string text => Quoted(text),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Text))}]",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    static string Quoted(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    static string Escaped(char character) => character switch
    {
        '\\' => "\\\\",
        '"' => "\\\"",
        '\u2028' or '\u2029' or '\uFEFF' => $"\\u{(int)character:x4}",
        _ => char.IsControl(character) ? $"\\u{(int)character:x4}" : $"{character}",
    };
}
