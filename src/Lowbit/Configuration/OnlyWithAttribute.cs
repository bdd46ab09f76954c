using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Says that a key means something only where one of certain other keys of its section is set: neither null nor 0.</summary>
/// <param name="properties">The properties of those keys.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnlyWithAttribute(params string[] properties) : Attribute
{
    /// <summary>The keys of which one must be set for another to have an effect; none where it has one as it is.</summary>
    public static IReadOnlyList<PropertyInfo> Missing(PropertyInfo key, object section)
    {
        IReadOnlyList<PropertyInfo> needed = Needed(key);
        return needed.Any(other => other.GetValue(section) is not (null or 0.0)) ? [] : needed;
    }

    /// <summary>The keys of which one must be set; none where a key needs no other.</summary>
    public static IReadOnlyList<PropertyInfo> Needed(PropertyInfo key) =>
        key.GetCustomAttribute<OnlyWithAttribute>() is { } only ? [.. only.Properties.Select(name => key.DeclaringType!.GetProperty(name)!)] : [];

    IReadOnlyList<string> Properties { get; } = properties;
}
