using System.Text.Json;
using System.Text.Json.Serialization;
using Lowbit.Runtime;

namespace Lowbit.Configuration;

/// <summary>
/// The options of a run as versioned JSON, every key with its value, so that a changed default never reinterprets an old run:
/// <c>{"version":2,"configuration":{...}}</c> for a run of a YAML file, <c>{"version":2,"options":{...}}</c> for one of a program.
/// </summary>
static class RunOptionsJson
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 2;

    /// <summary>How options are JSON.</summary>
    public static readonly JsonSerializerOptions Serializer = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The options as one line of JSON.</summary>
    public static string Write(RunOptions options) => JsonSerializer.Serialize(
        options is RunConfiguration configuration ? new Document { Version = Version, Configuration = configuration } : new Document { Version = Version, Options = options }, Serializer);

    /// <summary>The options of a JSON text, a <see cref="RunConfiguration"/> where a YAML file gave them.</summary>
    /// <param name="json">What <see cref="Write"/> gave.</param>
    /// <param name="source">Where it stands, for messages.</param>
    /// <exception cref="LowbitException">It holds no options, is of a newer version, or has values that are not allowed.</exception>
    public static RunOptions Read(string json, string source)
    {
        try
        {
            Document read = JsonSerializer.Deserialize<Document>(json, Serializer) ?? throw Nothing(source);
            if (read.Version > Version)
                throw new LowbitException($"{source} has options of version {read.Version}, and this Lowbit reads versions up to {Version}; a newer Lowbit reads them");
            RunOptions options = read.Configuration ?? read.Options ?? throw Nothing(source);
            OptionBounds.Require(options);
            return read.Version < 2 ? EarlierDefaults.Fill(options) : options;
        }
        catch (ConfigurationException problem)
        {
            throw new LowbitException($"{source} has options that are not allowed: {problem.Errors[0]}", problem);
        }
        catch (JsonException problem)
        {
            throw new LowbitException($"{source} has options that cannot be understood: {JsonFault.Of(problem, "options have")}", problem);
        }
    }

    static LowbitException Nothing(string source) => new($"{source} has options that cannot be understood: it has neither configuration nor options");

    sealed record Document
    {
        public int Version { get; init; }

        public RunConfiguration? Configuration { get; init; }

        public RunOptions? Options { get; init; }
    }
}
