namespace Lowbit.Configuration;

/// <summary>Says that a key means something only beside certain choices of its section's <c>name</c> (or <c>scheme</c>).</summary>
/// <param name="choices">Those choices: strings, or values of the enumeration.</param>
[AttributeUsage(AttributeTargets.Property)]
sealed class OnlyForAttribute(params object[] choices) : Attribute
{
    /// <summary>The choices beside which the key means something.</summary>
    public IReadOnlyList<object> Choices { get; } = choices;
}
