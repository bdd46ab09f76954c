using Lowbit.Export.Interpretation;

namespace Lowbit.Export;

/// <summary>Which of a file's outputs holds the logits.</summary>
static class OutputChoice
{
    /// <summary>The outputs that may be it, before anything is known of their shapes.</summary>
    /// <exception cref="LowbitException">There is no output of the name that is asked for.</exception>
    public static IReadOnlyList<string> Candidates(OnnxModel model, string? asked)
    {
        string[] names = [.. model.Outputs.Select(output => output.Name)];
        if (asked is null) return names;
        return names.Contains(asked)
            ? [asked]
            : throw new LowbitException($"{model.Path} has no output {asked}; it has {string.Join(", ", names)}{NearestName.Hint(asked, names)}");
    }

    /// <summary>The only output, or the only one that has as many values for each image as there are classes.</summary>
    /// <param name="model">The file.</param>
    /// <param name="outputs">Name and shape of the candidates, as they were computed.</param>
    /// <param name="batch">Images that they were computed for.</param>
    /// <param name="classes">How many classes there are; null where that is not known.</param>
    /// <exception cref="LowbitException">None of several, or more than one, has.</exception>
    public static string Choose(OnnxModel model, IReadOnlyList<(string Name, int[] Shape)> outputs, int batch, int? classes)
    {
        if (outputs is [var (only, _)]) return only;
        var fitting = outputs.Where(output => output.Shape is [var first, .. var rest] && first == batch && rest.Aggregate(1L, (count, size) => count * size) == classes).ToArray();
        if (fitting is [var (name, _)]) return name;
        string all = string.Join(", ", outputs.Select(output => $"{output.Name} {NdArray.Text(output.Shape)}"));
        throw new LowbitException(
            $"{model.Path} has {outputs.Count} outputs, {all}, "
            + (classes is null ? "of which one must be named" : $"of which {fitting.Length} have one value for each of {classes} classes") + " (--output)");
    }
}
