namespace Lowbit.Configuration;

/// <summary>Holds options that no YAML file gave, from a program or a checkpoint, to the values that their keys allow.</summary>
static class OptionBounds
{
    /// <summary>Refuses values that are not allowed.</summary>
    /// <exception cref="ConfigurationException">One sentence for each key that has such a value.</exception>
    public static void Require(RunOptions options)
    {
        string[] errors = [.. Errors("", options)];
        if (errors.Length > 0) throw new ConfigurationException(errors);
    }

    static IEnumerable<string> Errors(string path, object section)
    {
        foreach (var (key, property) in KeyNames.Of(section.GetType()))
        {
            object? value = property.GetValue(section);
            if (KeyNames.IsSection(property.PropertyType))
            {
                if (value is null) yield return $"{path}{key} is null; it must be a section of keys";
                else
                    foreach (string error in Errors($"{path}{key}.", value)) yield return error;
            }
            else if (value is null && !KeyNames.IsNullable(property)) yield return $"{path}{key} is null; it must be {ValueTypes.Expected(property.PropertyType)}";
            else if (AllowedValues.Violation(property, value) is { } expected) yield return $"{path}{key} is {ConfigurationWriter.Text(value)}; it must be {expected}";
        }
    }
}
