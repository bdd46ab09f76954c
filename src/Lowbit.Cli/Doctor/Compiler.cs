using System.ComponentModel;
using System.Diagnostics;

namespace Lowbit.Cli.Doctor;

/// <summary>A C compiler in PATH.</summary>
static class Compiler
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    static readonly string[] Names = ["cc", "gcc", "clang"];

    public static Finding Look() => Names.Select(VersionOf).FirstOrDefault(version => version is not null) is { } found
        ? new("C compiler", found, "not needed to train or export; compiles programs of your own around integer networks")
        : new("C compiler", $"none of {string.Join(", ", Names)} is in PATH", "not needed to train or export; programs of your own around integer networks need one");

    static string? VersionOf(string name)
    {
        try
        {
            using Process? compiler = Process.Start(new ProcessStartInfo(name, "--version") { RedirectStandardOutput = true, RedirectStandardError = true });
            if (compiler is null) return null;
            Task<string?> first = compiler.StandardOutput.ReadLineAsync();
            if (first.Wait(Patience)) return first.Result is { Length: > 0 } line ? $"{name}: {Printable.Short(line, longest: 80)}" : null;
            compiler.Kill();
            return null;
        }
        catch (Exception problem) when (problem is Win32Exception or InvalidOperationException or AggregateException)
        {
            return null;   // it is not there
        }
    }
}
