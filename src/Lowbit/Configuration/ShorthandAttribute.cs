using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Says that an entry of a list of such sections may be written as the value of one key alone.</summary>
/// <param name="property">The property of that key.</param>
/// <param name="example">Such a list, for messages and documentation.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShorthandAttribute(string property, string example) : Attribute
{
    /// <summary>The property of the key whose value may stand alone.</summary>
    public string Property { get; } = property;

    /// <summary>A list of such sections.</summary>
    public string Example { get; } = example;

    /// <summary>What a section says of itself; null where each of its values needs its key.</summary>
    public static ShorthandAttribute? Of(Type section) => section.GetCustomAttribute<ShorthandAttribute>();
}
