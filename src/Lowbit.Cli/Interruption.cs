using System.Runtime.InteropServices;

namespace Lowbit.Cli;

/// <summary>
/// Turns the first signal that asks the process to end (Ctrl-C, a closed terminal, the end of a session) into a cancellation; a second one ends the process at
/// once, with the exit code of an interruption.
/// </summary>
sealed partial class Interruption : IDisposable
{
    static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    // Never disposed: a signal that is being handled while a training ends would find it gone.
    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interruption() => registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Cancel))];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
    }

    void Cancel(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) End();
        context.Cancel = true;
        source.Cancel();
    }

    /// <summary>Without what a process does in its end: torch's threads are still at work.</summary>
    static void End()
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(ExitCode.Interrupted);
        else _exit(ExitCode.Interrupted);
    }

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
