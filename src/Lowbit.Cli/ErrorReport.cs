using System.Globalization;
using System.Runtime.InteropServices;
using Lowbit.Cli.Display;

namespace Lowbit.Cli;

/// <summary>What a maintainer needs to know of an error that is Lowbit's own, as a file for its user to send.</summary>
static class ErrorReport
{
    /// <summary>The sentence for an error that no user caused. It names the file with the stack trace.</summary>
    public static string Sentence(Exception problem, IReadOnlyList<string> args) => Sentence(problem, args, [Path.GetTempPath(), "."]);

    /// <summary>The same, with the file in the first of some folders that can be written to.</summary>
    public static string Sentence(Exception problem, IReadOnlyList<string> args, IReadOnlyList<string> folders)
    {
        string file = folders.Select(folder => Written(folder, problem, args)).FirstOrDefault(path => path is not null) ?? "what you did (its stack trace could not be written to a file)";
        return $"something is wrong in Lowbit itself, please report it with {file}: {problem.GetType().Name}: {problem.Message.ReplaceLineEndings(" ")}";
    }

    static string? Written(string folder, Exception problem, IReadOnlyList<string> args)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"lowbit-error-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt");
        try
        {
            string path = Path.Combine(Path.GetFullPath(folder), name);
            AtomicFile.WriteText(path, $"""
                lowbit {LowbitVersion.Text}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}
                arguments: {string.Join(' ', args)}

                {problem}

                """);
            return path;
        }
#pragma warning disable CA1031 // whatever keeps the file from being written, the sentence is shown all the same
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }
}
