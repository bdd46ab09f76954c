using System.Reflection;
using Lowbit.Models;
using YamlDotNet.Core;

namespace Lowbit.Configuration;

/// <summary>One key of a configuration, on its own: what it means, and whether a text is a value of it.</summary>
/// <param name="Section">The section.</param>
/// <param name="Key">The key in it.</param>
public sealed record ConfigurationKey(string Section, string Key)
{
    /// <summary>The section's property.</summary>
    public PropertyInfo SectionProperty { get; } = Find(typeof(RunConfiguration), Section);

    /// <summary>The key's property.</summary>
    public PropertyInfo Property { get; } = Find(Find(typeof(RunConfiguration), Section).PropertyType, Key);

    /// <summary>What it means, in sentences, as the pages of docs/configuration have it.</summary>
    public string Description => OptionDescriptions.Of(Property);

    /// <summary>What is allowed; null where every value of the type is.</summary>
    public string? Allowed => AllowedValues.Describe(Property)
        ?? (Property.PropertyType.IsEnum ? ValueTypes.Choice(KeyNames.Choices(Property.PropertyType).Keys) : null);

    /// <summary>Why a text is no value of the key, as what it must be instead; null where it is one.</summary>
    public string? Problem(string text)
    {
        var node = new YamlText(Mark.Empty, text, isPlain: true);
        if (ValueReader.IsNull(node)) return Allowed ?? ValueTypes.Expected(Property.PropertyType);
        var (value, expected) = ValueReader.Read(node, Property.PropertyType);
        if (expected is not null) return ValueReader.IsTooLarge(node, Property.PropertyType) ? AllowedValues.ForTooLarge(Property) ?? expected : expected;
        if (AllowedValues.Violation(Property, value) is { } allowed) return allowed;
        if (this is { Section: "model", Key: "name" } && !ModelZoo.Names.Contains(text)) return $"a model that lowbit models lists{NearestName.Hint(text, ModelZoo.Names)}";
        return Property.IsDefined(typeof(PathAttribute)) && ExpandedPath.Of(text).Problem is { } problem ? $"a path; {problem}" : null;
    }

    static PropertyInfo Find(Type section, string key) => KeyNames.Of(section).Single(entry => entry.Key == key).Property;
}
