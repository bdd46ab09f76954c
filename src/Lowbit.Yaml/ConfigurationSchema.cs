using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lowbit.Configuration;

/// <summary>The configuration as a JSON schema (draft 2020-12), by which editors complete and check YAML files.</summary>
public static class ConfigurationSchema
{
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text.</summary>
    public static string Json()
    {
        JsonObject schema = Section(typeof(RunConfiguration));
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "A Lowbit run");
        schema["patternProperties"] = new JsonObject { [$"^{SectionReader.OwnKeys}"] = new JsonObject() };
        return schema.ToJsonString(Readable) + "\n";
    }

    static JsonObject Section(Type section)
    {
        object defaults = Activator.CreateInstance(section)!;
        var properties = new JsonObject();
        foreach (var (key, property) in KeyNames.Of(section)) properties[key] = Key(property, property.GetValue(defaults));
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["description"] = OptionDescriptions.Of(section),
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        string[] required = [.. KeyNames.Of(section).Where(entry => KeyNames.IsRequired(entry.Property)).Select(entry => entry.Key)];
        if (required.Length > 0) schema["required"] = new JsonArray([.. required.Select(key => (JsonNode)key)]);
        return schema;
    }

    static JsonObject Key(PropertyInfo property, object? value)
    {
        if (KeyNames.IsSection(property.PropertyType)) return Section(property.PropertyType);
        JsonObject schema = Value(property, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        if (KeyNames.IsNullable(property)) schema = new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        schema["description"] = OptionDescriptions.Of(property);
        if (value is not null && !KeyNames.IsRequired(property)) schema["default"] = Default(value);
        return schema;
    }

    static JsonObject Value(PropertyInfo property, Type type)
    {
        if (ValueTypes.ListItem(type) is { } item)
            return new() { ["type"] = "array", ["items"] = KeyNames.IsSection(item) ? Entry(item) : Value(property, item) };
        var schema = new JsonObject { ["type"] = type == typeof(bool) ? "boolean" : type == typeof(int) ? "integer" : type == typeof(double) ? "number" : "string" };
        if (type.IsEnum) schema["enum"] = new JsonArray([.. KeyNames.Choices(type).Keys.Select(name => (JsonNode)name)]);
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
        {
            schema["enum"] = new JsonArray([.. allowed.Values.OfType<object>().SelectMany(Allowed)]);
            if (type == typeof(string)) schema.Remove("type");   // of which some may be numbers
        }
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
            schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
        }
        return schema;
    }

    /// <summary>What stands in a list of sections: a section or, where it has a shorthand, the value of that key alone.</summary>
    static JsonObject Entry(Type section) => ShorthandAttribute.Of(section) is { } shorthand
        ? new() { ["anyOf"] = new JsonArray(Key(section.GetProperty(shorthand.Property)!, null), Section(section)) }
        : Section(section);

    /// <summary>An allowed text that YAML reads as a number may stand without quotes.</summary>
    static JsonNode?[] Allowed(object choice) => choice is string text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? [number, text]
        : [JsonSerializer.SerializeToNode(choice)];

    static JsonNode? Default(object value) => value switch
    {
        Enum choice => KeyNames.Of(choice),
        string text => text,
        IEnumerable list => new JsonArray([.. list.Cast<object>().Select(item => JsonSerializer.SerializeToNode(item))]),
        _ => JsonSerializer.SerializeToNode(value),
    };
}
