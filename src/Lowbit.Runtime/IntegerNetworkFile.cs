using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lowbit.Runtime;

/// <summary>Integer networks as JSON files.</summary>
public static class IntegerNetworkFile
{
    /// <summary>The version of the format that is written; it and older ones are read.</summary>
    public const int Version = 1;

    const string Format = "lowbit integer network";
    const long LargestFile = 1L << 29;

    /// <summary>Writes a network, UTF-8.</summary>
    public static void Write(IntegerNetwork network, Stream stream)
    {
        var document = new Document(Format, Version, network.Image, network.Nodes, network.Logits, network.Metadata);
        JsonSerializer.Serialize(stream, document, IntegerNetworkContext.Default.Document);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="LowbitException">It is not there, no integer network, of a newer version, or damaged; one sentence that says where.</exception>
    public static IntegerNetwork Read(string path)
    {
        try
        {
            return Parse(Bytes(path));
        }
        catch (Exception problem) when (problem is LowbitException or IOException or UnauthorizedAccessException)
        {
            throw new LowbitException($"{path} cannot be read: {problem.Message}", problem);
        }
    }

    /// <summary>Reads a network.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="LowbitException">It is no integer network, of a newer version, or damaged; one sentence that says where.</exception>
    public static IntegerNetwork Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var header = JsonSerializer.Deserialize(json, IntegerNetworkContext.Default.Header);
            if (header is not { Format: Format }) throw new LowbitException($"it is not an integer network: its format is not \"{Format}\"");
            if (header.Version is not >= 1) throw new LowbitException("it does not say its version");
            if (header.Version > Version) throw new LowbitException($"it is an integer network of version {header.Version}, and this program reads versions up to {Version}");
            Document document = JsonSerializer.Deserialize(json, IntegerNetworkContext.Default.Document)!;
            if (document.Nodes.IsDefault || document.Nodes.Any(node => node is null)) throw new LowbitException("a node is missing");
            return new(document.Image, document.Nodes, document.Logits, document.Metadata);
        }
        catch (JsonException problem)
        {
            throw new LowbitException($"{JsonFault.Of(problem, "an integer network has")} (line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1})", problem);
        }
        catch (NotSupportedException problem)
        {
            throw new LowbitException("a node does not say its op", problem);
        }
    }

    static byte[] Bytes(string path)
    {
        if (Directory.Exists(path)) throw new LowbitException("it is a folder");
        if (!File.Exists(path)) throw new LowbitException("it is not there");
        using FileStream file = File.OpenRead(path);
        if (file.Length > LargestFile) throw new LowbitException($"it has {file.Length} bytes; an integer network has at most {LargestFile}");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>What a file says of itself, whatever its version.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
sealed record Header(string? Format = null, long? Version = null);

/// <summary>A file.</summary>
sealed record Document(
    string Format, int Version, ImageInput Image, ImmutableArray<IntegerNode> Nodes, LogitsOutput Logits, ImmutableSortedDictionary<string, string>? Metadata = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, AllowOutOfOrderMetadataProperties = true, IncludeFields = false)]
[JsonSerializable(typeof(Document))]
[JsonSerializable(typeof(Header))]
sealed partial class IntegerNetworkContext : JsonSerializerContext;
