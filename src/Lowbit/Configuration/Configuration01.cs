using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lowbit.Configuration;

/// <summary>
/// Reads the configuration in a checkpoint of Lowbit 0.1: YAML as that version wrote it, one key and its value a line, sections at the left margin, their keys two spaces from it,
/// and each layer of <c>overrides</c> a list item with its keys below.
/// </summary>
static class Configuration01
{
    /// <summary>The configuration, absent keys having the defaults of that version.</summary>
    /// <param name="yaml">What 0.1 wrote.</param>
    /// <exception cref="ConfigurationException">It is something else, or has values that are not allowed; one sentence.</exception>
    public static RunConfiguration Read(string yaml)
    {
        try
        {
            var read = JsonSerializer.Deserialize<RunConfiguration>(ToJson(yaml.Split('\n')), RunOptionsJson.Serializer)!;
            OptionBounds.Require(read);
            return (RunConfiguration)EarlierDefaults.Fill(read);
        }
        catch (JsonException problem)
        {
            throw new ConfigurationException([Runtime.JsonFault.Of(problem, "a configuration has")]);
        }
    }

    static JsonObject ToJson(string[] lines)
    {
        var (document, section, keys) = (new JsonObject(), new JsonObject(), typeof(RunConfiguration));
        var (list, item) = (new JsonArray(), typeof(object));
        foreach (string line in lines.Where(line => line.Length > 0))
        {
            int indent = line.Length - line.AsSpan().TrimStart(' ').Length;
            if (indent == 4 && line.AsSpan(4) is "-") list.Add(new JsonObject());
            else if (indent == 0) (section, keys) = Open(document, line);
            else if (indent == 2 && line.EndsWith(':'))
            {
                PropertyInfo property = Find(keys, line[2..^1]);
                section[Json(property)] = list = [];
                item = ValueTypes.ListItem(property.PropertyType) ?? throw Unknown(line);
            }
            else if (indent == 2) Put(section, keys, line);
            else Put(indent == 6 && list.LastOrDefault() is JsonObject last ? last : throw Unknown(line), item, line);
        }
        return document;
    }

    static (JsonObject Section, Type Keys) Open(JsonObject document, string line)
    {
        PropertyInfo property = Find(typeof(RunConfiguration), line.EndsWith(':') ? line[..^1] : throw Unknown(line));
        var section = new JsonObject();
        document[Json(property)] = section;
        return (section, property.PropertyType);
    }

    static void Put(JsonObject section, Type keys, string line)
    {
        if (line.Trim().Split(": ", 2) is not [var key, { Length: > 0 } text]) throw Unknown(line);
        PropertyInfo property = Find(keys, key);
        JsonNode? value = Value(text, line);
        if (property.IsDefined(typeof(PathAttribute)) && value is JsonValue path && path.TryGetValue(out string? written)) value = ExpandedPath.Of(written).Path;
        section[Json(property)] = value;
    }

    /// <summary>A value as 0.1 wrote it: JSON, but for names, which have no quotation marks.</summary>
    static JsonNode? Value(string text, string line)
    {
        if (text.StartsWith('[') && text.EndsWith(']') && !text.AsSpan(1).ContainsAny('"', '['))
            return new JsonArray([.. text[1..^1].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(item => Value(item, line))]);
        if (char.IsLetter(text[0]) && text is not ("null" or "true" or "false")) return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw Unknown(line);
        }
    }

    static PropertyInfo Find(Type section, string key) => KeyNames.Of(section).FirstOrDefault(entry => entry.Key == key).Property ?? throw Unknown(key);

    static string Json(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    static ConfigurationException Unknown(string line) => new([$"{Printable.Short(line.Trim())} is no line of it"]);
}
