using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lowbit.Runtime;

namespace Lowbit.Graphs;

/// <summary>
/// A graph as versioned JSON, every property of every node written out: what it means depends neither on the model zoo nor on today's defaults.
/// <code>{"version":1,"nodes":[{"node":"input","name":"input","shape":{"channels":3,"height":32,"width":32}}, ...]}</code>
/// </summary>
public static class GraphJson
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>Nodes that a graph can have; the zoo's largest has a thousand.</summary>
    const int MostNodes = 100_000;

    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds } },
    };

    /// <summary>The graph as one line of JSON.</summary>
    public static string Write(Graph graph) => JsonSerializer.Serialize(new Document(Version, [.. graph.Nodes]), Options);

    /// <summary>The graph of a JSON text.</summary>
    /// <param name="json">What <see cref="Write"/> gave.</param>
    /// <param name="source">Where it stands, for messages.</param>
    /// <exception cref="LowbitException">It is no graph, of a newer version, or its nodes do not fit together.</exception>
    public static Graph Read(string json, string source)
    {
        try
        {
            using (var document = JsonDocument.Parse(json)) RequireVersion(document.RootElement, source);
            Document read = JsonSerializer.Deserialize<Document>(json, Options)!;
            if (read.Nodes.Length > MostNodes) throw new LowbitException($"{source}: a graph of {read.Nodes.Length} nodes is not possible; it has at most {MostNodes}");
            if (Array.IndexOf(read.Nodes, null) is >= 0 and var empty) throw new LowbitException($"{source} is not a graph: its node {empty + 1} is null");
            return new(read.Nodes);
        }
        catch (GraphException problem)
        {
            throw new LowbitException($"{source}: {problem.Message}", problem);
        }
        catch (JsonException problem)
        {
            throw new LowbitException($"{source} is not a graph: {JsonFault.Of(problem, "a graph has")}", problem);
        }
        catch (Exception problem) when (problem is NotSupportedException or OverflowException)
        {
            throw new LowbitException($"{source} is not a graph: a node does not say what it is, or has a number that is too large", problem);
        }
    }

    static void RequireVersion(JsonElement root, string source)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("version", out JsonElement version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number < 1)
            throw new LowbitException($"{source} is not a graph: it has no version");
        if (number > Version)
            throw new LowbitException($"{source} is a graph of version {number}, and this Lowbit reads versions up to {Version}; a newer Lowbit reads it");
    }

    /// <summary>A node says its kind by the name of its type, so that a new kind needs no entry in a list.</summary>
    static void NameKinds(JsonTypeInfo info)
    {
        if (info.Type != typeof(Node)) return;
        info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "node" };
        foreach (Type kind in typeof(Node).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Node)) && !type.IsAbstract))
            info.PolymorphismOptions.DerivedTypes.Add(new(kind, JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.Name)));
    }

    sealed record Document(int Version, Node[] Nodes);
}
