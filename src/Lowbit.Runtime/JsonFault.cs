using System.Text.Json;

namespace Lowbit.Runtime;

/// <summary>What is wrong with JSON, for users: the serializer's own messages name types of .NET.</summary>
public static class JsonFault
{
    /// <summary>The place and what is wrong there, as in <c>nodes[1].kernel is not what a graph has there</c>.</summary>
    /// <param name="problem">What the serializer said.</param>
    /// <param name="expected">What should be there, with its verb: "a graph has".</param>
    public static string Of(JsonException problem, string expected)
    {
        const string Missing = "missing required properties including: ";
        string place = problem.Path?.TrimStart('$', '.') is { Length: > 0 } path ? Printable.Short(path) : "the file";
        return problem.Message.IndexOf(Missing, StringComparison.Ordinal) is >= 0 and var at && problem.Message[(at + Missing.Length)..].Split('\'', 3) is [_, var name, _] ? $"{place} has no {name}"
            : place == "the file" ? "it is not JSON, or not whole"
            : $"{place} is not what {expected} there";
    }
}
