using System.Diagnostics;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>
/// The tools that read exported files (qonnx, FINN, hls4ml), by the script that LOWBIT_READERS_CHECK names, else ../shared/readers/check beside the repository.
/// </summary>
static class Readers
{
    static string Script => Environment.GetEnvironmentVariable("LOWBIT_READERS_CHECK") is { Length: > 0 } given
        ? given
        : Path.Combine(GoldenFiles.Repository, "..", "shared", "readers", "check");

    public static void SkipIfAbsent() => Assert.SkipUnless(File.Exists(Script), $"The readers' check is not at {Script} (set LOWBIT_READERS_CHECK)");

    /// <summary>Runs the script to its end, and shows in the test's output what it found.</summary>
    public static (int ExitCode, string Output) Check(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Script, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        return (process.ExitCode, output);
    }
}
