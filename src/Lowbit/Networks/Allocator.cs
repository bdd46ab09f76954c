using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lowbit.Networks;

/// <summary>
/// Makes glibc keep the memory of freed tensors for the next step. By default it returns large blocks to the system, and every step pays for the
/// page faults of getting them again: up to three times the step itself.
/// </summary>
static partial class Allocator
{
    const int MmapThreshold = -3, TrimThreshold = -1, TopPad = -2;
    const int Never = int.MaxValue, OneStep = 256 << 20;

#pragma warning disable CA2255 // it must be done before the first tensor, whoever makes it
    [ModuleInitializer]
    internal static void KeepFreedMemory()
#pragma warning restore CA2255
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = mallopt(MmapThreshold, Never);
            _ = mallopt(TrimThreshold, Never);
            _ = mallopt(TopPad, OneStep);
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: its allocator has its own ways.
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);
}
