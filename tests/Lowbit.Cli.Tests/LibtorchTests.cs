using System.Diagnostics;
using Xunit;

namespace Lowbit.Cli.Tests;

public class LibtorchTests
{
    [Fact]
    public void A_folder_without_libtorch_is_refused_in_one_sentence()
    {
        var (exitCode, output) = Doctor("nowhere");

        Assert.Equal((2, $"lowbit: LOWBIT_LIBTORCH is nowhere; it must be a folder with {Library}, such as the folder lib of a libtorch or of PyTorch\n"), (exitCode, output));
    }

    [Fact]
    public void The_libtorch_of_a_folder_that_is_named_is_the_one_that_is_loaded()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "libtorch"))) File.CreateSymbolicLink(folder.PathOf(Path.GetFileName(file)), file);

        Assert.Contains("ok     libtorch", Doctor(folder.Path).Output);
        File.Delete(folder.PathOf(Library));
        File.WriteAllText(folder.PathOf(Library), "no library");
        var (exitCode, output) = Doctor(folder.Path);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"lowbit: LOWBIT_LIBTORCH is {folder.Path}, whose libtorch cannot be loaded: ", output);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    static string Library => OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    static (int ExitCode, string Output) Doctor(string libtorch)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll"), "doctor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LOWBIT_LIBTORCH"] = libtorch;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
