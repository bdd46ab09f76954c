using System.Text.Json;

namespace Lowbit;

/// <summary>What is wrong with JSON, in a sentence for users: the serializer's own messages name types of .NET.</summary>
static class JsonProblem
{
    /// <summary>The place, where the text is JSON: a kind of value, a name or a number that is not allowed there, or something that is missing in it. Otherwise the position.</summary>
    public static string Of(Exception problem) => problem switch
    {
        JsonException { Path: { } path, InnerException: not JsonException } => $"what stands at {Printable.Short(path)} is not possible there, or lacks something",
        JsonException { BytePositionInLine: { } position } => $"it is not JSON at byte {position}",
        _ => Printable.Short(problem.Message),
    };
}
