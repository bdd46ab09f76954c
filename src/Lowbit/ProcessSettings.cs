using System.Runtime.InteropServices;

namespace Lowbit;

/// <summary>
/// How the C library and OpenMP behave in this process, for training on the CPU. They belong to the program, so a library does not change them by itself: call
/// <see cref="Apply"/> at the start, before the first tensor.
/// </summary>
public static partial class ProcessSettings
{
    const int MmapThreshold = -3, TrimThreshold = -1, TopPad = -2;
    const int Never = int.MaxValue, OneStep = 256 << 20;

    /// <summary>
    /// Keeps freed memory in the process, and lets idle OpenMP threads yield (where <c>GOMP_SPINCOUNT</c> is not set). On Linux with glibc; elsewhere it does nothing.
    /// </summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            KeepFreedMemory();
            YieldToOtherThreads();
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: it has its own ways.
        }
    }

    /// <summary>
    /// By default glibc returns large blocks to the system, and every step pays for the page faults of getting them again: up to three times
    /// the step itself.
    /// </summary>
    static void KeepFreedMemory()
    {
        _ = mallopt(MmapThreshold, Never);
        _ = mallopt(TrimThreshold, Never);
        _ = mallopt(TopPad, OneStep);
    }

    /// <summary>
    /// By default OpenMP's threads spin for milliseconds when they have nothing to do, in the way of the kernels that run on .NET's threads in between,
    /// and of every other process on the machine.
    /// </summary>
    static void YieldToOtherThreads() => _ = setenv("GOMP_SPINCOUNT", "1000", overwrite: 0);

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
