using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// Gives gradients to torch and lets go of them. Torch holds a gradient by itself once a backward function has returned it; our own hold on it would keep its
/// memory until the step's scope ends, which for all layers together is as much as the whole network's values.
/// </summary>
static class GradientRelease
{
    [ThreadStatic]
    static List<Tensor>? given;

    /// <summary>To return from a backward function: lets go of what the last one returned, and of the gradients that this one was given.</summary>
    /// <param name="gradients">What it returns; null where there is no gradient.</param>
    /// <param name="taken">The gradients that it was given.</param>
    public static List<Tensor> Of(List<Tensor> gradients, params IEnumerable<Tensor> taken)
    {
        foreach (Tensor tensor in given ?? []) tensor.Dispose();
        given = [.. gradients.Where(gradient => gradient is not null)];
        foreach (Tensor tensor in taken) tensor.Dispose();
        return gradients;
    }
}
