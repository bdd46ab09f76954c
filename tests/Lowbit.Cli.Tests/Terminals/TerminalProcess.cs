using System.Diagnostics;
using System.Text;
using Xunit;

namespace Lowbit.Cli.Tests.Terminals;

/// <summary>The real command on a terminal of its own, which script of util-linux gives it.</summary>
sealed class TerminalProcess : IDisposable
{
    const string Script = "/usr/bin/script";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly StringBuilder output = new();
    readonly Task reading;
    readonly int columns;

    TerminalProcess(string folder, int columns, string before, IEnumerable<string> arguments)
    {
        this.columns = columns;
        string lowbit = string.Join(' ', arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "Lowbit.Cli.dll")).Select(argument => $"'{argument}'"));
        process = new Process
        {
            StartInfo = new(Script, ["-qfec", $"stty cols {columns} rows 24; {before} exec dotnet {lowbit}", "/dev/null"])
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardOutputEncoding = Encoding.UTF8,
            },
        };
        process.StartInfo.Environment["TERM"] = "xterm-256color";
        process.StartInfo.Environment.Remove("NO_COLOR");
        process.Start();
        reading = Task.Run(Read);
    }

    /// <summary>All that was written so far, escape sequences included.</summary>
    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>What the terminal shows now.</summary>
    public Screen Screen => Screen.Of(Output, columns);

    /// <summary>Starts <c>lowbit</c> in a folder; the test is skipped where there is no terminal to be had.</summary>
    public static TerminalProcess Start(string folder, int columns, params string[] arguments) => StartAfter("", folder, columns, arguments);

    /// <summary>The same, after something that a shell does first.</summary>
    public static TerminalProcess StartAfter(string before, string folder, int columns, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Script), "script, which gives a program a terminal, is not here");
        return new(folder, columns, before, arguments);
    }

    /// <summary>Types on the keyboard.</summary>
    public void Type(string keys)
    {
        process.StandardInput.Write(keys);
        process.StandardInput.Flush();
    }

    /// <summary>Waits until a text was written.</summary>
    public void WaitFor(string text) => WaitUntil(() => Output.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until something holds.</summary>
    public void WaitUntil(Func<bool> holds, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            if (process.HasExited || clock.Elapsed > Patience) throw new TimeoutException($"There was no {what} on the terminal:\n{Screen}");
            Thread.Sleep(20);
        }
    }

    public int WaitForExit()
    {
        if (!process.WaitForExit(Patience)) throw new TimeoutException($"lowbit did not end:\n{Screen}");
        reading.Wait();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    void Read()
    {
        char[] buffer = new char[4096];
        while (process.StandardOutput.Read(buffer) is > 0 and var count)
            lock (output) output.Append(buffer, 0, count);
    }
}
