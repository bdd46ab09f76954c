using System.Diagnostics;
using System.Text;

namespace Lowbit.Cli.Tests;

/// <summary>A run of the real command as a process of its own.</summary>
sealed class LowbitProcess : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly StringBuilder output = new(), errors = new();

    LowbitProcess(string folder, string[] arguments)
    {
        process = new Process
        {
            StartInfo = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll"), .. arguments])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["DOTNET_TieredPGO"] = "0" },   // as in the tests' own project
            },
        };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Text(output);

    public string Errors => Text(errors);

    /// <summary>Starts <c>lowbit</c> in a folder.</summary>
    public static LowbitProcess Start(string folder, params string[] arguments) => new(folder, arguments);

    /// <summary>Runs <c>lowbit</c> in a folder to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        using LowbitProcess process = Start(folder, arguments);
        return (process.WaitForExit(), process.Output, process.Errors);
    }

    public int WaitForExit()
    {
        if (!process.WaitForExit(Patience)) throw new TimeoutException($"lowbit did not end; it said: {Output}{Errors}");
        process.WaitForExit();   // the output, too, has come to its end
        return process.ExitCode;
    }

    /// <summary>Waits until something holds while the process runs.</summary>
    public void WaitUntil(Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            if (process.HasExited || clock.Elapsed > Patience) throw new TimeoutException($"It never came to that; lowbit said: {Output}{Errors}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Ends the process at once, without a chance to clean up.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt() => Send("INT");

    /// <summary>Sends a signal.</summary>
    public void Send(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Whether the process has come to its end.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Runs <c>lowbit</c> in a folder through the shell, to have its streams where <paramref name="redirections"/> put them.</summary>
    public static (int ExitCode, string Output) RunInShell(string folder, string arguments, string redirections)
    {
        string lowbit = $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll")}' {arguments} {redirections}";
        using var shell = new Process { StartInfo = new("sh", ["-c", lowbit]) { WorkingDirectory = folder, RedirectStandardOutput = true } };
        shell.Start();
        string output = shell.StandardOutput.ReadToEnd();
        if (!shell.WaitForExit(Patience)) throw new TimeoutException($"lowbit did not end; it said: {output}");
        return (shell.ExitCode, output);
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }

    static void Append(StringBuilder text, string? line)
    {
        lock (text) if (line is not null) text.Append(line).Append('\n');
    }

    static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
