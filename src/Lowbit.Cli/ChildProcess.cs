using System.Diagnostics;

namespace Lowbit.Cli;

/// <summary>Runs of this very program as a process of its own, for what only a process can tell: the most memory that it took.</summary>
static class ChildProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="purpose">What it is for, to be told where it fails.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="LowbitException">It failed.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static string Run(string purpose, IEnumerable<string> arguments, CancellationToken cancellation = default)
    {
        string host = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(host) == "dotnet";
        // Its standard input is what it notices the end of this process by.
        var start = new ProcessStartInfo(host, isDotnet ? [typeof(ChildProcess).Assembly.Location, .. arguments] : arguments) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using Process child = Process.Start(start)!;
        using var ending = cancellation.Register(child.Kill);
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        // Ctrl-C in a terminal reaches both, and this one may hear of it later.
        if (child.ExitCode == ExitCode.Interrupted) throw new OperationCanceledException(cancellation);
        return child.ExitCode == 0 ? output : throw new LowbitException($"The process that measures {purpose} failed with exit code {child.ExitCode}");
    }

    /// <summary>In such a process: ends it when the process that started it has ended.</summary>
    public static void EndWithParent() => new Thread(() =>
    {
        while (Console.OpenStandardInput().ReadByte() >= 0)
        {
        }
        using var self = Process.GetCurrentProcess();
        self.Kill();
    })
    { IsBackground = true }.Start();
}
