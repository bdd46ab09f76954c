using System.CommandLine;

namespace Lowbit.Cli.Commands;

/// <summary><c>--set section.key=value</c>, any number of times.</summary>
static class SetOption
{
    public static Option<string[]> Create() => new("--set")
    {
        Description = "Override a key of the configuration, as in --set optimizer.learning_rate=0.01; any number of times.",
        HelpName = "section.key=value",
    };
}
