using System.Runtime.InteropServices;

namespace Lowbit.Cli;

/// <summary>
/// Standard output and standard error, which may be closed, full, or a terminal that is gone: what cannot be written is dropped, so that a training goes on.
/// </summary>
static partial class ConsoleOutput
{
    const int Output = 1, Error = 2, GetDescriptorFlags = 1, CloseOnExec = 1;

    static DroppingWriter output = new(null);

    /// <summary>Why output was dropped; null where all of it was written.</summary>
    public static string? Problem => output.Problem;

    /// <summary>Whether a command that could not write all of its output has failed; not one whose result is files.</summary>
    public static bool IsResult { get; set; } = true;

    /// <summary>Whether output goes to a terminal, on which it can move.</summary>
    public static bool IsTerminal => IsOpen(Output) && !Console.IsOutputRedirected;

    /// <summary>Takes the place of what <see cref="Console"/> writes to.</summary>
    public static void Install()
    {
        output = new(IsOpen(Output) ? Console.Out : null);
        Console.SetOut(output);
        Console.SetError(new DroppingWriter(IsOpen(Error) ? Console.Error : null));
    }

    /// <summary>
    /// Whether a descriptor was there when the process began. One that was not may since have become that of a file which the runtime opened: such are closed when
    /// another program is started, and would not be here had they come from one.
    /// </summary>
    static bool IsOpen(int descriptor) => OperatingSystem.IsWindows() || fcntl(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0;

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command);
}
