using System.Runtime.InteropServices;
using TorchSharp;

namespace Lowbit.Networks;

/// <summary>A library of kernels for convolutions of a single image, which libtorch asks first.</summary>
static class NnPack
{
    /// <summary>
    /// Convolutions of a single image never ask for NNPACK: where it does not know the processor, libtorch writes a warning to standard error at each of them,
    /// and elsewhere one image would be computed by other kernels than a batch. The switch is a C++ function that TorchSharp does not wrap; where its name differs
    /// (Windows), only the warnings remain.
    /// </summary>
    public static unsafe void Disable()
    {
        torch.InitializeDeviceType(DeviceType.CPU);   // loads libtorch, which is then found by its name
        if (!NativeLibrary.TryLoad("libtorch_cpu.so", out nint library)
            || !NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out nint globalContext)
            || !NativeLibrary.TryGetExport(library, "_ZN2at7Context20setUserEnabledNNPACKEb", out nint setUserEnabledNnPack)) return;
        ((delegate* unmanaged<nint, byte, void>)setUserEnabledNnPack)(((delegate* unmanaged<nint>)globalContext)(), 0);
    }
}
