using System.Collections;
using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Reads a YAML mapping into a record of options, and reports every key that does not fit.</summary>
sealed class SectionReader(Problems problems)
{
    /// <summary>How a key at the top begins that is the user's own: a place for anchors, whose values other sections repeat or merge.</summary>
    internal const string OwnKeys = "x-";

    /// <summary>The record of a section.</summary>
    /// <param name="path">The section's name as keys begin with it; "" for the file itself.</param>
    /// <param name="type">The record.</param>
    /// <param name="node">The mapping.</param>
    public object Read(string path, Type type, YamlSection node)
    {
        object section = Activator.CreateInstance(type)!;
        Dictionary<string, PropertyInfo> keys = KeyNames.Of(type).ToDictionary(entry => entry.Key, entry => entry.Property);
        var given = new List<(YamlText Key, PropertyInfo Property)>();
        foreach (var (key, value) in node.Entries)
        {
            string name = key.Text;
            if (path == "" && name.StartsWith(OwnKeys, StringComparison.Ordinal)) continue;
            if (FindKey(keys, name) is not { } property)
                problems.Error(key, $"{Full(path, Printable.Short(name))} is not a {(path == "" ? "section" : "key")} here{Hint(name, keys.Keys)}");
            else if (ReadValue(Full(path, name), property, value, out object? read))
            {
                property.SetValue(section, read);
                given.Add((key, property));
            }
        }
        foreach (string key in keys.Where(entry => KeyNames.IsRequired(entry.Value)).Select(entry => entry.Key).Except(node.Entries.Select(entry => entry.Key.Text)))
            problems.Error(node, path == "" ? $"the section {key} is missing; it must name a model, as in model: {{ name: quant_resnet20 }}" : $"{Full(path, key)} is missing");
        if (!problems.Any) WarnOfUnused(path, section, given);
        return section;
    }

    static PropertyInfo? FindKey(Dictionary<string, PropertyInfo> keys, string name) =>
        keys.GetValueOrDefault(name) ?? keys.FirstOrDefault(entry => entry.Key == "T_max" && name == "t_max").Value;

    bool ReadValue(string path, PropertyInfo property, YamlValue node, out object? value)
    {
        Type type = property.PropertyType;
        value = null;
        if (KeyNames.IsSection(type))
        {
            if (ValueReader.IsNull(node)) node = new YamlSection(node.Start, []);
            if (node is not YamlSection mapping) return Refuse(node, path, "a section of keys");
            value = Read(path, type, mapping);
            return true;
        }
        if (KeyNames.IsNullable(property) && (ValueReader.IsNull(node) || (IsPlace(property) && node is YamlText { Text: "" }))) return true;
        if (ValueTypes.ListItem(type) is { } item && KeyNames.IsSection(item)) return ReadSections(path, item, node, out value);
        if (ValueReader.IsNull(node)) return Refuse(node, path, ValueTypes.Expected(type));
        (value, string? expected) = ValueReader.Read(node, type);
        if (expected is not null && ValueReader.IsTooLarge(node, type)) expected = AllowedValues.ForTooLarge(property) ?? expected;
        expected ??= AllowedValues.Violation(property, value);
        if (expected is not null) return Refuse(node, path, expected);
        return !property.IsDefined(typeof(PathAttribute)) || Expand(path, node, ref value);
    }

    bool Expand(string path, YamlValue node, ref object? value)
    {
        (value, string? problem) = ExpandedPath.Of((string)value!);
        if (problem is not null) problems.Error(node, $"{path} is {ValueReader.Describe(node)}; {problem}");
        return problem is null;
    }

    /// <summary>Whether a key is a path or a name, for which people write "" where there is none.</summary>
    static bool IsPlace(PropertyInfo property) => property.IsDefined(typeof(PathAttribute)) || property.IsDefined(typeof(FolderNameAttribute));

    bool ReadSections(string path, Type item, YamlValue node, out object? value)
    {
        value = null;
        if (node is not YamlList list) return Refuse(node, path, ValueTypes.ExpectedList(item));
        IList sections = Array.CreateInstance(item, list.Items.Count);
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (Expanded(list.Items[i], item) is not YamlSection mapping) return Refuse(list.Items[i], $"{path}[{i}]", "a section of keys");
            sections[i] = Read($"{path}[{i}]", item, mapping);
        }
        value = sections;
        return true;
    }

    /// <summary>The section that a value alone stands for; any other node as it is.</summary>
    static YamlValue Expanded(YamlValue node, Type section) => node is YamlText && ShorthandAttribute.Of(section) is { } shorthand
        ? new YamlSection(node.Start, [(new YamlText(node.Start, KeyNames.Of(section.GetProperty(shorthand.Property)!), isPlain: true), node)])
        : node;

    bool Refuse(YamlValue node, string path, string expected)
    {
        problems.Error(node, $"{path} is {ValueReader.Describe(node)}; it must be {expected}");
        return false;
    }

    /// <summary>People keep keys of other choices in their files while they try things: that is worth a word, not an error.</summary>
    void WarnOfUnused(string path, object section, List<(YamlText Key, PropertyInfo Property)> given)
    {
        foreach (var (key, property) in given)
            if (OnlyWithAttribute.Missing(property, section) is { Count: > 0 } others)
                problems.Warn(key, $"{Full(path, KeyNames.Of(property))} has no effect without {ValueTypes.Choice(others.Select(other => Full(path, KeyNames.Of(other))))}");
            else if (!OnlyForAttribute.HasEffect(property, section) && OnlyForAttribute.ChoiceOf(section) is { } choosing && choosing.GetValue(section) is { } choice)
                problems.Warn(key, $"{Full(path, KeyNames.Of(property))} has no effect beside {KeyNames.Of(choosing)}: {(choice is Enum named ? KeyNames.Of(named) : choice)}");
    }

    static string Full(string path, string key) => path == "" ? key : $"{path}.{key}";

    static string Hint(string name, IEnumerable<string> keys) =>
        NearestName.Of(name, keys) is { } nearest ? $"; did you mean {nearest}?" : $"; there are {string.Join(", ", keys)}";
}
