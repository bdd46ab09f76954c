using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The memory of float32 tensors on the CPU, for kernels that take values in whatever order they lie.</summary>
static unsafe class DenseMemory
{
    /// <summary>Whether a tensor's values lie without gaps in one of the orders that convolutions use: channels first, or channels last.</summary>
    public static bool IsDense(Tensor x) =>
        x.dtype == ScalarType.Float32 && x.device_type == TorchSharp.DeviceType.CPU && x.numel() > 0 && (IsChannelsLast(x) || x.is_contiguous());

    /// <summary>Whether the channels of one pixel lie side by side; of [N, features], too.</summary>
    public static bool IsChannelsLast(Tensor x)
    {
        if (x.dim() == 2) return x.is_contiguous();
        if (x.dim() != 4) return false;
        long channels = x.size(1), width = x.size(3), height = x.size(2);
        return Strided(x, 1, 1) && Strided(x, 3, channels) && Strided(x, 2, width * channels) && Strided(x, 0, height * width * channels);
    }

    /// <summary>A tensor of the same values with its channels last in memory; copies only where that is needed.</summary>
    public static Tensor ChannelsLast(Tensor x) => IsChannelsLast(x) ? x : x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>A tensor of the same values in the same order as another; copies only where that is needed.</summary>
    public static Tensor InOrderOf(Tensor model, Tensor x)
    {
        if (SameOrder(model, x)) return x;
        Tensor copy = empty_like(model);
        copy.copy_(x);
        return copy;
    }

    /// <summary>The one value of a tensor, as the float that it is in operations with float32 tensors.</summary>
    public static float Single(Tensor x)
    {
        using Tensor value = x.to(ScalarType.Float32);
        return value.item<float>();
    }

    /// <summary>The address of a dense tensor's first value. The tensor must outlive its use.</summary>
    public static float* Pointer(Tensor x)
    {
        using Tensor inOrder = x.is_contiguous() ? x.alias() : x.permute(0, 2, 3, 1);
        fixed (byte* bytes = inOrder.bytes) return (float*)bytes;
    }

    static bool SameOrder(Tensor a, Tensor b) => b.dtype == a.dtype && a.stride().SequenceEqual(b.stride());

    static bool Strided(Tensor x, int dimension, long stride) => x.size(dimension) == 1 || x.stride(dimension) == stride;
}
