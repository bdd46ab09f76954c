namespace Lowbit.Configuration;

/// <summary>Collects what is wrong with a configuration and what has no effect in it, each with its place.</summary>
/// <param name="source">The file's name, as the user gave it.</param>
sealed class Problems(string source)
{
    const int MostShown = 20;

    readonly List<(long Line, long Column, string Sentence)> errors = [];
    readonly Dictionary<YamlValue, string> overrides = new(ReferenceEqualityComparer.Instance);

    public List<string> Warnings { get; } = [];

    public bool Any => errors.Count > 0;

    /// <summary>Notes that a node comes from the command line, not from the file.</summary>
    public void ComesFrom(YamlValue node, string option) => overrides[node] = option;

    public void Error(YamlValue at, string sentence) => errors.Add((at.Start.Line, at.Start.Column, $"{Place(at)}: {sentence}"));

    public void Error(string sentence) => errors.Add((0, 0, sentence));

    public void Warn(YamlValue at, string sentence) => Warnings.Add($"{Place(at)}: {sentence}");

    public void ThrowIfAny()
    {
        if (!Any) return;
        string[] sentences = [.. errors.OrderBy(error => (error.Line, error.Column)).Select(error => error.Sentence).Distinct()];
        throw new ConfigurationException(sentences.Length <= MostShown
            ? sentences
            : [.. sentences.Take(MostShown), $"{source}: {sentences.Length - MostShown} more errors are not shown"]);
    }

    string Place(YamlValue node) => overrides.TryGetValue(node, out string? option) ? option : $"{source}({node.Start.Line},{node.Start.Column})";
}
