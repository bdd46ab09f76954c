using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>Differentiable statistics of weights [output channels, ...]: of all, shape [], or per channel, shape [output channels, 1, ...].</summary>
public static class WeightStatistics
{
    /// <summary>What statistics are at least, so that weights which are all 0 have a scale.</summary>
    public const double Smallest = 1e-10;

    /// <summary>max|w|: its gradient goes to the element that is the maximum, per tensor shared among equal ones.</summary>
    public static Tensor MaxAbs(Tensor w, bool perChannel) => Max(w.abs(), perChannel).clamp_min(CachedScalar.Of(Smallest));

    /// <summary>mean|w|.</summary>
    public static Tensor MeanAbs(Tensor w, bool perChannel) =>
        (perChannel ? Broadcast(w.abs().flatten(1).mean([1]), w) : w.abs().mean()).clamp_min(CachedScalar.Of(Smallest));

    /// <summary>The root of the mean square.</summary>
    public static Tensor RootMeanSquare(Tensor w, bool perChannel)
    {
        Tensor squares = w * w;
        return (perChannel ? Broadcast(squares.flatten(1).mean([1]), w) : squares.mean()).clamp_min(CachedScalar.Of(Smallest * Smallest)).sqrt();
    }

    /// <summary>max w.</summary>
    public static Tensor Max(Tensor w, bool perChannel) => perChannel ? Broadcast(w.flatten(1).max(1).values, w) : w.max();

    /// <summary>min w.</summary>
    public static Tensor Min(Tensor w, bool perChannel) => perChannel ? Broadcast(w.flatten(1).min(1).values, w) : w.min();

    static Tensor Broadcast(Tensor statistic, Tensor w) => statistic.view([-1, .. Enumerable.Repeat(1L, (int)w.dim() - 1)]);
}
