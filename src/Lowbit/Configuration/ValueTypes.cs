namespace Lowbit.Configuration;

/// <summary>What the types of options are called in messages and documentation.</summary>
public static class ValueTypes
{
    /// <summary>What a value of a type is called.</summary>
    public static string Expected(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type.IsEnum => Choice(KeyNames.Choices(type).Keys),
        _ when ListItem(type) is { } item => ExpectedList(item),
        _ => "text",
    };

    /// <summary>What a list of such items is called.</summary>
    public static string ExpectedList(Type item) => ShorthandAttribute.Of(item) is { } shorthand ? $"a list such as {shorthand.Example}" : $"a list of {Plural(item)}";

    /// <summary>"a, b or c".</summary>
    public static string Choice(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    /// <summary>What a list holds; null for other types.</summary>
    public static Type? ListItem(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>What several items are called.</summary>
    public static string Plural(Type item) => item == typeof(int) ? "whole numbers" : item == typeof(double) ? "numbers" : "sections";
}
