using System.Collections;
using System.Reflection;

namespace Lowbit.Configuration;

/// <summary>A key that has other values in two configurations.</summary>
/// <param name="Name">The key with its section, as in <c>training.epochs</c>.</param>
/// <param name="Old">The first configuration's value, as YAML.</param>
/// <param name="New">The second configuration's.</param>
/// <param name="MayChangeOnResume">Whether a run may be continued with another value.</param>
/// <param name="ChangesTraining">Whether it then trains otherwise.</param>
sealed record ChangedKey(string Name, string Old, string New, bool MayChangeOnResume, bool ChangesTraining)
{
    /// <summary>All keys that differ, in the order of the records; those without effect in both are left out.</summary>
    public static IEnumerable<ChangedKey> Between(RunOptions before, RunOptions after) => Between("", before, after, null);

    static IEnumerable<ChangedKey> Between(string path, object before, object after, MayChangeOnResumeAttribute? ofSection)
    {
        foreach (var (key, property) in KeyNames.Of(before.GetType()))
        {
            object? old = property.GetValue(before), now = property.GetValue(after);
            MayChangeOnResumeAttribute? change = property.GetCustomAttribute<MayChangeOnResumeAttribute>() ?? ofSection;
            if (KeyNames.IsSection(property.PropertyType))
            {
                foreach (ChangedKey inside in Between($"{path}{key}.", old!, now!, change)) yield return inside;
                continue;
            }
            bool hasEffect = OnlyForAttribute.HasEffect(property, before) || OnlyForAttribute.HasEffect(property, after);
            if (hasEffect && !Same(old, now))
                yield return new($"{path}{key}", ConfigurationWriter.Text(old), ConfigurationWriter.Text(now), MayChange(change, old, now), change?.ChangesTraining == true);
        }
    }

    static bool MayChange(MayChangeOnResumeAttribute? change, object? old, object? now) => change is not null && !(change.OnlyIfSet && (old is null || now is null));

    static bool Same(object? one, object? other) => one is IList list && other is IList others
        ? list.Cast<object>().SequenceEqual(others.Cast<object>())
        : Equals(one, other);
}
