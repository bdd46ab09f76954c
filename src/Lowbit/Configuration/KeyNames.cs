using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lowbit.Configuration;

/// <summary>What records and enumerations are called in YAML.</summary>
public static class KeyNames
{
    /// <summary>The keys of a section: the properties that can be set, in the order of the record.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> Of(Type section) =>
        section.GetProperties().Where(property => property.CanWrite).Select(property => (Of(property), property));

    /// <summary>A property's key: its own name in snake_case, unless it says otherwise.</summary>
    public static string Of(PropertyInfo property) => property.GetCustomAttribute<KeyNameAttribute>()?.Name ?? Snake(property.Name);

    /// <summary>A choice's name: its own in snake_case, unless it says otherwise.</summary>
    public static string Of(Enum choice) =>
        choice.GetType().GetField(choice.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? Snake(choice.ToString());

    /// <summary>The choices of an enumeration by name.</summary>
    public static IReadOnlyDictionary<string, object> Choices(Type enumeration) =>
        Enum.GetValues(enumeration).Cast<Enum>().ToDictionary(Of, choice => (object)choice);

    /// <summary>The section's record, rather than a value.</summary>
    public static bool IsSection(Type type) => type.Namespace == typeof(KeyNames).Namespace && type.IsClass;

    /// <summary>Whether a file must give the key.</summary>
    public static bool IsRequired(PropertyInfo property) => property.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "RequiredMemberAttribute");

    /// <summary>Whether a key may be null.</summary>
    public static bool IsNullable(PropertyInfo property) => new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    /// <summary>A name of C# as YAML has it.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
