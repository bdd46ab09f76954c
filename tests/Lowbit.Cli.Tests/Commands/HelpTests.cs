using System.CommandLine;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class HelpTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_version_comes_with_its_commit() =>
        Assert.Matches(@"^lowbit \d+\.\d+\.\d+( \(commit [0-9a-f]{10}\))?\n$", LowbitProcess.Run(folder.Path, "--version").Output);

    [Fact]
    public void The_help_of_a_command_ends_with_examples_that_the_list_of_commands_leaves_out()
    {
        Assert.Contains("Examples:\n  lowbit predict ", LowbitProcess.Run(folder.Path, "predict", "--help").Output);
        Assert.DoesNotContain("Examples:", LowbitProcess.Run(folder.Path, "--help").Output);
    }

    public static TheoryData<string> Commands => [.. Leaves(LowbitCommand.Create(), "")];

    [Theory, MemberData(nameof(Commands))]
    public void The_help_of_every_command_has_an_example_that_is_one(string command)
    {
        var (exitCode, output, errors) = Help([.. command.Split(' '), "--help"]);

        Assert.Equal((0, ""), (exitCode, errors));
        string[] examples = [.. output[(output.IndexOf("Examples:", StringComparison.Ordinal) + 1)..].Split('\n').Where(line => line.Contains("lowbit", StringComparison.Ordinal))];
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Contains($"lowbit {command}", example));
        Assert.All(examples, example => Assert.Empty(LowbitCommand.Create().Parse(Words(example)).Errors));
    }

    /// <summary>The arguments of the command line in an example, as a shell would give them: a pattern of files stands for several.</summary>
    static string[] Words(string example) => [.. example[(example.IndexOf("lowbit ", StringComparison.Ordinal) + 7)..]
        .Split(')', '|', '>')[0].Split("    ")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(word => word.EndsWith('*') && word.Contains('/', StringComparison.Ordinal) ? new[] { word, word } : [word])];

    static (int ExitCode, string Output, string Errors) Help(string[] arguments)
    {
        using var folder = new TemporaryFolder();
        return LowbitProcess.Run(folder.Path, arguments);
    }

    static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.SelectMany(of => of.Subcommands.Count > 0 ? Leaves(of, $"{path}{of.Name} ") : [path + of.Name]);
}
