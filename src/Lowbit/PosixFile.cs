using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lowbit;

/// <summary>What the C library opens and .NET does not on Linux and macOS: folders, and files that another process holds locked.</summary>
static partial class PosixFile
{
    const int CloseOnExecOfLinux = 0x80000, CloseOnExecOfMac = 0x1000000;

    /// <summary>A handle to read from; an invalid one where there is nothing to open, or no right to.</summary>
    public static SafeFileHandle OpenToRead(string path) =>
        new(open(path, OperatingSystem.IsMacOS() ? CloseOnExecOfMac : CloseOnExecOfLinux), ownsHandle: true);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint open(string path, int flags);
}
