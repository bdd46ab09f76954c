using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>A key of a configuration with its value.</summary>
/// <param name="Name">The key with its section, as in <c>training.epochs</c>.</param>
/// <param name="Value">The value, as YAML.</param>
/// <param name="ChangesWeights">Whether another value gives other weights.</param>
public sealed record OptionValue(string Name, string Value, bool ChangesWeights)
{
    /// <summary>All keys that have an effect, in the order of the records.</summary>
    public static IEnumerable<OptionValue> Of(RunOptions options) => Of("", options, changesWeights: true);

    static IEnumerable<OptionValue> Of(string path, object section, bool changesWeights)
    {
        foreach (var (key, property) in KeyNames.Of(section.GetType()))
        {
            bool changes = property.GetCustomAttribute<MayChangeOnResumeAttribute>() is { } attribute ? attribute.ChangesTraining : changesWeights;
            object? value = property.GetValue(section);
            if (KeyNames.IsSection(property.PropertyType))
            {
                foreach (OptionValue inside in Of($"{path}{key}.", value!, changes)) yield return inside;
            }
            else if (OnlyForAttribute.HasEffect(property, section)) yield return new($"{path}{key}", ConfigurationWriter.Text(value), changes);
        }
    }
}
