using System.Numerics;
using static TorchSharp.torch;

namespace Lowbit.Export.Writing;

/// <summary>A tensor's values as a file holds them: float32, row-major.</summary>
readonly record struct FloatTensor(float[] Values, long[] Shape)
{
    public static FloatTensor Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new(tensor.detach().cpu().to(float32).contiguous().data<float>().ToArray(), tensor.shape);
    }

    /// <summary>Whether each value is a power of two, with its sign or without.</summary>
    public bool ArePowersOfTwo => Values.All(value => BitOperations.IsPow2(BitConverter.SingleToUInt32Bits(value) & 0x7FFFFF | 0x800000));

    /// <summary>The same values in another shape.</summary>
    public FloatTensor As(params long[] shape) => this with { Shape = shape };
}
