using System.Diagnostics;
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

    [Theory]
    [InlineData("lowbit pre", "predict")]
    [InlineData("lowbit train --res", "--resume")]
    [InlineData("lowbit export run --format qo", "qonnx")]
    [InlineData("lowbit train qu", "quickstart.yaml")]
    public void Bash_completes_commands_options_values_and_files(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is not here");
        folder.Write("quickstart.yaml", "");
        string script = $$"""
            lowbit() { dotnet '{{Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll")}}' "$@"; }
            eval "$(lowbit completion bash)"
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD={{line.Split(' ').Length - 1}}
            _lowbit
            if (( ${#COMPREPLY[@]} )); then echo "${COMPREPLY[@]}"; else compgen -f -- "${COMP_WORDS[COMP_CWORD]}"; fi
            """;
        using Process bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true })!;

        Assert.Equal(expected + "\n", bash.StandardOutput.ReadToEnd());
    }
}
