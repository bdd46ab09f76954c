using System.Collections;
using System.Globalization;

namespace Lowbit.Configuration;

/// <summary>Reads one value of a key, or says why it is none.</summary>
static class ValueReader
{
    /// <summary>The value of a node as a type that options have, or what the key must be instead.</summary>
    public static (object? Value, string? Expected) Read(YamlValue node, Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return IsNull(node) ? (null, null) : Read(node, inner);
        if (ValueTypes.ListItem(type) is { } item) return node is YamlList list ? ReadList(list, item) : (null, $"a list of {ValueTypes.Plural(item)}");
        if (node is not YamlText { Text: var text, IsPlain: var plain }) return (null, ValueTypes.Expected(type));
        if (type == typeof(string)) return (text, null);
        object? value = type switch
        {
            _ when type.IsEnum => KeyNames.Choices(type).GetValueOrDefault(text),
            _ when !plain => null,
            _ when type == typeof(bool) => text switch { "true" or "True" or "TRUE" => true, "false" or "False" or "FALSE" => false, _ => null },
            _ when type == typeof(int) => Whole(text),
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) ? real : null,
            _ => null,
        };
        return value is null ? (null, ValueTypes.Expected(type) + (type.IsEnum ? NearestName.Hint(text, KeyNames.Choices(type).Keys) : "")) : (value, null);
    }

    /// <summary>Whether YAML means "nothing" by a node.</summary>
    public static bool IsNull(YamlValue node) =>
        node is YamlText { IsPlain: true, Text: "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>Whether a node, or one of a list's, is a number of the type's kind that the type cannot hold.</summary>
    public static bool IsTooLarge(YamlValue node, Type type)
    {
        if (ValueTypes.ListItem(type) is { } item) return node is YamlList list && list.Items.Any(value => IsTooLarge(value, item));
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (node is not YamlText { IsPlain: true, Text: var text } || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) return false;
        return text.AsSpan().ContainsAnyInRange('0', '9') && (type == typeof(int) ? Math.Floor(number) == number && Math.Abs(number) > int.MaxValue : type == typeof(double) && double.IsInfinity(number));
    }

    /// <summary>A node as the user wrote it, for a message.</summary>
    public static string Describe(YamlValue node) => node switch
    {
        YamlText { Text: "" } => "empty",
        YamlText { IsPlain: true } text => Printable.Short(text.Text),
        YamlText text => $"\"{Printable.Short(text.Text)}\"",
        YamlList => "a list",
        _ => "a section",
    };

    static (object?, string?) ReadList(YamlList list, Type item)
    {
        IList values = Array.CreateInstance(item, list.Items.Count);
        for (int i = 0; i < list.Items.Count; i++)
        {
            var (value, expected) = Read(list.Items[i], item);
            if (expected is not null) return (null, $"a list of {ValueTypes.Plural(item)}");
            values[i] = value;
        }
        return (values, null);
    }

    /// <summary>A whole number, also when it is written as 1e3 or 128.0.</summary>
    static int? Whole(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? (int)value : null;
}
