using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>The keys of a section as a table in Markdown: what the pages of docs/configuration show.</summary>
static class OptionTable
{
    /// <summary>The table of a section: key, type, default, meaning with what is allowed.</summary>
    public static string Markdown(Type section)
    {
        object defaults = Activator.CreateInstance(section)!;
        IEnumerable<string> rows = KeyNames.Of(section).Select(entry => Row(entry.Key, entry.Property, entry.Property.GetValue(defaults)));
        return string.Concat(rows.Prepend("| --- | --- | --- | --- |").Prepend("| Key | Type | Default | Meaning |").Select(row => row + "\n"));
    }

    /// <summary>The choices of an enumeration: name and meaning.</summary>
    public static string Choices(Type enumeration)
    {
        IEnumerable<string> rows = KeyNames.Choices(enumeration).Select(entry => $"| `{entry.Key}` | {OptionDescriptions.Of(enumeration, entry.Value)} |");
        return string.Concat(rows.Prepend("| --- | --- |").Prepend("| Choice | Meaning |").Select(row => row + "\n"));
    }

    static string Row(string key, PropertyInfo property, object? value)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        string allowed = AllowedValues.Describe(property) is { } values ? $" Allowed: {values}." : "";
        string only = property.GetCustomAttribute<OnlyForAttribute>() is { } choices
            ? $" Only with {ValueTypes.Choice(choices.Choices.Select(choice => $"`{(choice is Enum named ? KeyNames.Of(named) : choice)}`"))}."
            : "";
        string @default = KeyNames.IsRequired(property) ? "required" : $"`{ConfigurationWriter.Text(value)}`";
        return $"| `{key}` | {Kind(type)} | {@default} | {OptionDescriptions.Of(property)}{allowed}{only} |";
    }

    static string Kind(Type type) =>
        type.IsEnum ? string.Join(", ", KeyNames.Choices(type).Keys.Select(name => $"`{name}`")) : ValueTypes.Expected(type);
}
