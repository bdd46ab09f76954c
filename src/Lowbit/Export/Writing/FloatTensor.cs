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

    /// <summary>The same values in another shape.</summary>
    public FloatTensor As(params long[] shape) => this with { Shape = shape };
}
