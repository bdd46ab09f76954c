namespace Lowbit.Configuration;

/// <summary>What a key is called where that is not its property's name in snake_case.</summary>
/// <param name="name">The key.</param>
[AttributeUsage(AttributeTargets.Property)]
sealed class KeyNameAttribute(string name) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;
}
