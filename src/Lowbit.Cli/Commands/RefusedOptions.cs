using System.CommandLine;
using Lowbit.Configuration;

namespace Lowbit.Cli.Commands;

/// <summary>Options that say nothing about what a command was given: refused, because the user expects them to have an effect.</summary>
static class RefusedOptions
{
    /// <exception cref="ConfigurationException">One of the options was given; the message is its name and the reason.</exception>
    public static void Refuse(this ParseResult parsed, IEnumerable<Option> options, string reason)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } refused)
            throw new ConfigurationException([$"{refused.Name} {reason}"]);
    }
}
