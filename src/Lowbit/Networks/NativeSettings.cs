using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lowbit.Networks;

/// <summary>How the C library and OpenMP behave below torch; set before torch is loaded, and only where the user's environment does not say otherwise.</summary>
static partial class NativeSettings
{
    const int MmapThreshold = -3, TrimThreshold = -1, TopPad = -2;
    const int Never = int.MaxValue, OneStep = 256 << 20;

#pragma warning disable CA2255 // it must be done before the first tensor, whoever makes it
    [ModuleInitializer]
    internal static void Apply()
#pragma warning restore CA2255
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            KeepFreedMemory();
            YieldToOtherThreads();
            ShowErrorsOfTorchAlone();
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

    /// <summary>Where NNPACK does not know the processor, torch says so on standard error for every convolution of a single image, and computes it otherwise.</summary>
    static void ShowErrorsOfTorchAlone() => _ = setenv("TORCH_CPP_LOG_LEVEL", "ERROR", overwrite: 0);

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
