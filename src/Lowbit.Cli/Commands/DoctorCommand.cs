using System.CommandLine;
using System.Text.Json;
using Lowbit.Cli.Doctor;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit doctor</c>: what of this machine matters to Lowbit.</summary>
static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON array." };
        var command = new ExampledCommand("doctor", "Look at this machine: libraries, processor, GPU, memory, disk, compiler, and what follows from each. Ends with 1 where something is missing that Lowbit needs.", """
            lowbit doctor
            lowbit doctor --json
            """) { json };
        command.SetAction(parsed =>
        {
            Finding[] findings = [.. Libraries.Look(), .. Machine.Look(), Compiler.Look()];
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(findings.Select(finding => new
            {
                name = finding.Name,
                found = finding.Found,
                follows = finding.Follows,
                severity = finding.Severity.ToString().ToLowerInvariant(),
            })));
            else Console.Write(Format(findings));
            return findings.Any(finding => finding.Severity == Severity.Problem) ? ExitCode.Failure : ExitCode.Done;
        });
        return command;
    }

    /// <summary>A finding's two lines: what is there, and below it what follows.</summary>
    internal static string Format(IReadOnlyList<Finding> findings)
    {
        int width = findings.Max(finding => finding.Name.Length);
        return string.Concat(findings.Select(finding => $"{Mark(finding.Severity)} {finding.Name.PadRight(width)}  {finding.Found}\n" + (finding.Follows.Length > 0 ? $"{new string(' ', width + 9)}{finding.Follows}\n" : "")))
            + (findings.Count(finding => finding.Severity == Severity.Problem) is > 0 and var problems ? $"\n{problems} of these keep{(problems == 1 ? "s" : "")} Lowbit from working\n" : "");
    }

    static string Mark(Severity severity) => severity switch
    {
        Severity.Problem => "FAILED",
        Severity.Note => "note  ",
        _ => "ok    ",
    };
}
