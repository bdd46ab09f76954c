using Lowbit.Configuration;

namespace Lowbit.Cli.Reports;

/// <summary>A section of a configuration, with its keys.</summary>
/// <param name="Name">The section.</param>
/// <param name="Keys">Each key, without its section, and its value.</param>
sealed record ConfigurationKeys(string Name, IReadOnlyList<Fact> Keys)
{
    /// <summary>All keys that have an effect, by section.</summary>
    public static IReadOnlyList<ConfigurationKeys> Of(RunOptions options) =>
    [
        .. OptionValue.Of(options).Select(key => (Parts: key.Name.Split('.', 2), key.Value))
            .GroupBy(key => key.Parts[0])
            .Select(section => new ConfigurationKeys(section.Key, [.. section.Select(key => new Fact(key.Parts[^1], Printable.Lines(key.Value)))])),
    ];
}

/// <summary>A name and what is to be said of it.</summary>
sealed record Fact(string Name, string Value);
