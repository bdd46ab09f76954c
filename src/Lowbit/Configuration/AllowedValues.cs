using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>Which values a key takes, by the annotations of its property.</summary>
public static class AllowedValues
{
    /// <summary>What the value must be, where it is not that; null where it is fine.</summary>
    public static string? Violation(PropertyInfo property, object? value)
    {
        if (value is null) return null;
        if (property.GetCustomAttribute<LengthAttribute>() is { } length && value is ICollection list && (list.Count < length.MinimumLength || list.Count > length.MaximumLength))
            return Describe(length);
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed && !allowed.Values.Contains(value))
            return Describe(allowed) + (value is string name ? NearestName.Hint(name, allowed.Values.Cast<string>()) : "");
        if (property.IsDefined(typeof(FolderNameAttribute)) && value is string folder) return FolderNameAttribute.IsValid(folder) ? null : FolderNameAttribute.Allowed;
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range) return null;
        IEnumerable values = value is ICollection items ? items : new[] { value };
        bool isList = value is ICollection;
        if (!values.Cast<object>().All(range.IsValid)) return (isList ? "numbers of " : "") + Describe(range);
        return property.IsDefined(typeof(NotAllZeroAttribute)) && value is IReadOnlyList<double> weights && weights.All(weight => weight == 0) ? NotAllZeroAttribute.Allowed : null;
    }

    /// <summary>What must stand in the place of a number that its type cannot hold; null where every value of the type is allowed.</summary>
    public static string? ForTooLarge(PropertyInfo property) => property.GetCustomAttribute<RangeAttribute>() is not { } range ? Describe(property)
        : (ValueTypes.ListItem(property.PropertyType) is null ? "" : "numbers of ") + Describe(range);

    /// <summary>The allowed values in words; null where every value of the type is allowed.</summary>
    public static string? Describe(PropertyInfo property) =>
        property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed ? Describe(allowed)
        : property.GetCustomAttribute<RangeAttribute>() is { } range ? Describe(range) + (property.IsDefined(typeof(NotAllZeroAttribute)) ? ", not all 0" : "")
        : property.IsDefined(typeof(FolderNameAttribute)) ? FolderNameAttribute.Allowed
        : null;

    static string Describe(AllowedValuesAttribute allowed) =>
        ValueTypes.Choice(allowed.Values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "null"));

    static string Describe(LengthAttribute length) => length.MinimumLength == length.MaximumLength
        ? $"a list of {length.MinimumLength} numbers"
        : $"a list of {length.MinimumLength} to {length.MaximumLength} numbers";

    static string Describe(RangeAttribute range)
    {
        string low = Text(range.Minimum), high = Text(range.Maximum);
        return range.MinimumIsExclusive && range.MaximumIsExclusive ? $"between {low} and {high}"
            : range.MinimumIsExclusive ? $"above {low}, up to {high}"
            : range.MaximumIsExclusive ? $"at least {low} and below {high}"
            : $"{low} to {high}";
    }

    static string Text(object number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;
}
