using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Says that an entry of a list of such sections may be written as the value of one key alone.</summary>
/// <param name="property">The property of that key.</param>
/// <param name="example">Such a list, for messages and documentation.</param>
[AttributeUsage(AttributeTargets.Class)]
sealed class ShorthandAttribute(string property, string example) : Attribute
{
    /// <summary>The property of the key whose value may stand alone.</summary>
    public string Property { get; } = property;

    /// <summary>A list of such sections.</summary>
    public string Example { get; } = example;

    /// <summary>What a section says of itself; null where each of its values needs its key.</summary>
    public static ShorthandAttribute? Of(Type section) => section.GetCustomAttribute<ShorthandAttribute>();

    /// <summary>The section that a value alone stands for; any other node as it is.</summary>
    public static YamlValue Expanded(YamlValue node, Type section) => node is YamlText && Of(section) is { } shorthand
        ? new YamlSection(node.Start, [(new YamlText(node.Start, KeyNames.Of(section.GetProperty(shorthand.Property)!), isPlain: true), node)])
        : node;
}
