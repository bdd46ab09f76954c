namespace Lowbit.Configuration;

/// <summary>Collects the keys of a section while it is read, each once, and puts those of other sections beneath them that a merge key names.</summary>
sealed class SectionEntries
{
    /// <summary>The merge key: https://yaml.org/type/merge.html.</summary>
    const string MergeKey = "<<";

    readonly List<(YamlText Key, YamlValue Value)> entries = [];
    readonly Dictionary<string, YamlText> keys = [];
    YamlValue? merged;

    /// <summary>Adds a key, or notes what a merge key names.</summary>
    /// <exception cref="YamlTextException">The key is there already, or a merge key names something other than sections.</exception>
    public void Add(YamlText key, YamlValue value)
    {
        if (!keys.TryAdd(key.Text, key))
            throw new YamlTextException(key.Start, $"this is not YAML: the key {Printable.Short(key.Text)} stands here a second time, after line {keys[key.Text].Start.Line}", isSyntax: true);
        if (key is not { Text: MergeKey, IsPlain: true }) entries.Add((key, value));
        else if (Sections(value).FirstOrDefault(part => part is not YamlSection) is { } other)
            throw new YamlTextException(other.Start, $"{MergeKey} takes a section or a list of sections, and this is {ValueReader.Describe(other)}");
        else merged = value;
    }

    /// <summary>The section's own keys, then those of merged sections that neither it nor a section merged earlier has.</summary>
    public IReadOnlyList<(YamlText Key, YamlValue Value)> Merged()
    {
        if (merged is null) return entries;
        foreach (YamlSection section in Sections(merged).Cast<YamlSection>())
            foreach (var entry in section.Entries)
                if (keys.TryAdd(entry.Key.Text, entry.Key)) entries.Add(entry);
        return entries;
    }

    static IReadOnlyList<YamlValue> Sections(YamlValue value) => value is YamlList list ? list.Items : [value];
}
