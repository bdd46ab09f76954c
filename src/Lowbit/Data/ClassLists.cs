using System.Text.Json;

namespace Lowbit.Data;

/// <summary>Compares the classes that a network tells apart with those of the images that it is given: a class more or less shifts every label after it.</summary>
public static class ClassLists
{
    const int Named = 3;

    /// <summary>Refuses images of other classes, or in another order, than those that a network was trained on.</summary>
    /// <param name="trained">What the network was trained on.</param>
    /// <param name="now">The images that it is given.</param>
    /// <param name="network">The network's file.</param>
    /// <exception cref="LowbitException">The classes differ; the message names the difference.</exception>
    public static void RequireSame(DatasetInfo trained, DatasetInfo now, string network)
    {
        if (Difference(trained.Classes, now.Classes) is { } difference)
            throw new LowbitException($"{now.Name} {difference} than when {network} was trained: its labels would be others");
    }

    /// <summary>Refuses images of other classes than those in the metadata of an ONNX file that was trained on this dataset, too; where it has none, nothing is known.</summary>
    /// <exception cref="LowbitException">The classes differ; the message names the difference.</exception>
    public static void RequireSame(IReadOnlyDictionary<string, string> metadata, DatasetInfo now, string network)
    {
        if (metadata.GetValueOrDefault("dataset") != now.Name || !metadata.TryGetValue("classes", out string? json)) return;
        string[]? classes;
        try
        {
            classes = JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            return;   // other tools write what they like under this name
        }
        if (classes is not null) RequireSame(now with { Classes = classes }, now, network);
    }

    /// <summary>Whether two lists have classes in common.</summary>
    public static bool Overlap(DatasetInfo one, DatasetInfo other) => one.Classes.Intersect(other.Classes).Any();

    static string? Difference(IReadOnlyList<string> before, IReadOnlyList<string> now)
    {
        if (before.SequenceEqual(now)) return null;
        string[] more = [.. now.Except(before)], fewer = [.. before.Except(now)];
        return more.Length + fewer.Length == 0 ? "has its classes in another order"
            : "has other classes (" + string.Join("; ", new[] { Listed("new", more), Listed("missing", fewer) }.OfType<string>()) + ")";
    }

    static string? Listed(string what, string[] names) => names.Length == 0 ? null
        : $"{what}: {string.Join(", ", names.Take(Named))}{(names.Length > Named ? $" and {names.Length - Named} more" : "")}";
}
