using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Says that a key means something only beside certain choices of its section's <c>name</c> (or <c>scheme</c>).</summary>
/// <param name="choices">Those choices: strings, or values of the enumeration.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnlyForAttribute(params object[] choices) : Attribute
{
    /// <summary>The choices beside which the key means something.</summary>
    public IReadOnlyList<object> Choices { get; } = choices;

    /// <summary>Whether a key means something beside what its section chooses.</summary>
    public static bool HasEffect(PropertyInfo key, object section) =>
        key.GetCustomAttribute<OnlyForAttribute>() is not { } only || ChoiceOf(section)?.GetValue(section) is not { } choice || only.Choices.Contains(choice);

    /// <summary>The key that chooses in a section; null where there is none.</summary>
    public static PropertyInfo? ChoiceOf(object section) => section.GetType().GetProperty("Name") ?? section.GetType().GetProperty("Scheme");
}
