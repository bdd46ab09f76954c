using System.Diagnostics;
using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>The scripts of <c>lowbit completion</c>, in the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public CompletionTests()
    {
        folder.Write("quickstart.yaml", "");
        folder.Write("lowbit", $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.PathOf("lowbit"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>A line, and what the shell makes of its last word.</summary>
    public static TheoryData<string, string> Lines => new()
    {
        { "lowbit pre", "predict" },
        { "lowbit train --res", "--resume" },
        { "lowbit export run --format qo", "qonnx" },
        { "lowbit train qu", "quickstart.yaml" },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Lines))]
    public void Bash_completes_commands_options_values_and_files(string line, string expected) => Assert.Equal(expected, In("bash", $$"""
        eval "$(lowbit completion bash)"
        COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD={{line.Split(' ').Length - 1}}
        _lowbit
        if (( ${#COMPREPLY[@]} )); then echo "${COMPREPLY[@]}"; else compgen -f -- "${COMP_WORDS[COMP_CWORD]}"; fi
        """));

    /// <summary>The line is typed into a zsh on a terminal of its own, with a tab and a return after it; what it then runs prints its last word.</summary>
    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests)), MemberData(nameof(Lines))]
    public void Zsh_does_too(string line, string expected) => Assert.Equal(expected, In("zsh", $$"""
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'autoload -Uz compinit; compinit -u -D; eval "$(lowbit completion zsh)"; complete=$(whence -p lowbit)'
        zpty -w shell 'lowbit() { if [[ $1 == \[suggest* ]]; then $complete "$@"; else print -r -- "<<${@[-1]}>>"; fi }; print LO""ADED'
        zpty -r shell output '*LOADED*'
        zpty -w shell '{{line}}'$'\t'
        zpty -r shell output '*<<*>>*'
        output=${output##*<<}
        print -r -- ${output%%>>*}
        """));

    [Theory, MemberData(nameof(Lines))]
    public void Fish_does_too(string line, string expected) => Assert.Equal(expected, In("fish", $"lowbit completion fish | source; complete -C '{line}'"));

    [Theory, MemberData(nameof(Lines))]
    public void PowerShell_does_too(string line, string expected) => Assert.Equal(expected, In("pwsh", $"""
        lowbit completion pwsh | Out-String | Invoke-Expression
        (TabExpansion2 -inputScript '{line}' -cursorColumn {line.Length}).CompletionMatches.CompletionText
        """).Replace("./", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Neither_options_nor_files_stand_among_commands(string shell)
    {
        string commands = In(shell, shell == "fish" ? "lowbit completion fish | source; complete -C 'lowbit '" : """
            lowbit completion pwsh | Out-String | Invoke-Expression
            (TabExpansion2 -inputScript 'lowbit ' -cursorColumn 7).CompletionMatches.CompletionText
            """);

        Assert.Equal(LowbitCommand.Create().Subcommands.Select(command => command.Name).Order(), commands.Split('\n').Order());
    }

    string In(string shell, string script)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        string? found = path.Split(Path.PathSeparator).Select(place => Path.Combine(place, shell)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{shell} is not here");
        string[] plainly = shell switch { "zsh" => ["-f", "-c"], "pwsh" => ["-NoProfile", "-Command"], "fish" => ["--no-config", "-c"], _ => ["-c"] };
        var start = new ProcessStartInfo(found, [.. plainly, script]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["PATH"] = $"{folder.Path}{Path.PathSeparator}{path}";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{shell} did not end");
        }
        return output.Result.TrimEnd();
    }
}
