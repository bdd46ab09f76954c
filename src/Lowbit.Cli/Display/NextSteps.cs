using System.Text.RegularExpressions;

namespace Lowbit.Cli.Display;

/// <summary>What can be done with a run when it is trained, as commands to paste.</summary>
static partial class NextSteps
{
    /// <summary>The commands, one a line.</summary>
    public static string After(string run) => $"""
        Next:
          lowbit report {Argument(run)}
          lowbit eval {Argument(run)}
          lowbit predict {Argument(run)} IMAGE...
          lowbit export {Argument(run)} --format qonnx -o model.onnx

        """;

    /// <summary>A path as a shell takes it for one argument.</summary>
    public static string Argument(string path) => Harmless().IsMatch(path) ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\""
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^[\w./:\\+=@%,-]+$")]
    private static partial Regex Harmless();
}
