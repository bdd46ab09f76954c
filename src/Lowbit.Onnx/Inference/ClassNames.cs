using System.Text.Json;

namespace Lowbit.Inference;

/// <summary>What a network's outputs are called.</summary>
static class ClassNames
{
    const long LargestFile = 1 << 26;

    /// <summary>The names in the metadata of a file, as Lowbit writes them; none where it has none, or what other tools write under this name.</summary>
    public static IReadOnlyList<string> In(IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return metadata.TryGetValue("classes", out string? json) && JsonSerializer.Deserialize<string?[]>(json) is { } names && !names.Contains(null) ? [.. names.OfType<string>()] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>The lines of a text file.</summary>
    /// <exception cref="LowbitException">It is not there, has no line, an empty one, or is too large for a list of names.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        if (!File.Exists(path)) throw new LowbitException($"{path} is not there, or not a file; a text file with the name of a class in each line is expected");
        if (FileSize.Of(path) is > LargestFile and var length) throw new LowbitException($"{path} has {length} bytes; a list of class names has at most {LargestFile}");
        string[] lines = File.ReadAllText(path).TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        int empty = Array.IndexOf(lines, "");
        return empty < 0 ? lines : throw new LowbitException($"{path}({empty + 1}): the line is empty; a name of a class is expected");
    }
}
