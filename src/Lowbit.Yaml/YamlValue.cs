using YamlDotNet.Core;

namespace Lowbit.Configuration;

/// <summary>A piece of a YAML text, with the place where it stands.</summary>
abstract class YamlValue(Mark start)
{
    /// <summary>Where it begins.</summary>
    public Mark Start { get; } = start;

    /// <summary>The values within it; the same one again where an alias repeats it.</summary>
    public virtual IEnumerable<YamlValue> Children => [];
}

/// <summary>A text or a number: what YAML calls a scalar.</summary>
/// <param name="start">Where it begins.</param>
/// <param name="text">The text without quotes.</param>
/// <param name="isPlain">Whether it stands without quotes, so that it may be a number, true, false or null.</param>
sealed class YamlText(Mark start, string text, bool isPlain) : YamlValue(start)
{
    public string Text { get; } = text;

    public bool IsPlain { get; } = isPlain;
}

/// <summary>A list of values.</summary>
sealed class YamlList(Mark start, IReadOnlyList<YamlValue> items) : YamlValue(start)
{
    public IReadOnlyList<YamlValue> Items { get; } = items;

    public override IEnumerable<YamlValue> Children => Items;
}

/// <summary>Values by key: what YAML calls a mapping.</summary>
/// <param name="start">Where it begins.</param>
/// <param name="entries">Its keys, each of which stands in it once, in their order.</param>
sealed class YamlSection(Mark start, IReadOnlyList<(YamlText Key, YamlValue Value)> entries) : YamlValue(start)
{
    public IReadOnlyList<(YamlText Key, YamlValue Value)> Entries { get; } = entries;

    public override IEnumerable<YamlValue> Children => Entries.SelectMany(entry => new[] { entry.Key, entry.Value });

    /// <summary>The entry of a key; null where there is none.</summary>
    public (YamlText Key, YamlValue Value)? Find(string key) =>
        Entries.Where(entry => entry.Key.Text == key).Select(entry => ((YamlText, YamlValue)?)entry).FirstOrDefault();

    /// <summary>The section with a key of its own in the place of one of that name.</summary>
    public YamlSection With(YamlText key, YamlValue value) => new(Start, [.. Entries.Where(entry => entry.Key.Text != key.Text), (key, value)]);

    /// <summary>The section with another value of a key, which is added where it is not there.</summary>
    public YamlSection Replace(YamlText key, YamlValue value) => Find(key.Text) is not { } found
        ? With(key, value)
        : new(Start, [.. Entries.Select(entry => entry.Key == found.Key ? (entry.Key, value) : entry)]);
}
