using Lowbit.Quantization.Weights;

namespace Lowbit.Graphs;

/// <summary>The list of all quantizers of weights: the one place that knows both what a graph says of them and how they compute.</summary>
public abstract partial class WeightScale
{
    /// <summary>max|w| / high.</summary>
    public static WeightScale MaxAbs { get; } = new MaxAbs();

    /// <summary>max|w|, rounded up to a power of two.</summary>
    public static WeightScale PowerOfTwo { get; } = new PowerOfTwo();

    /// <summary>mean|w| / high.</summary>
    public static WeightScale MeanAbs { get; } = new MeanAbs();

    /// <summary>The step of least squared error for weights that are normally distributed.</summary>
    public static WeightScale Gaussian { get; } = new Gaussian();

    /// <summary>The constant 0.1 / high.</summary>
    public static WeightScale Constant { get; } = new Constant();

    /// <summary>The constant 1 / high, stored weights kept within -1..1.</summary>
    public static WeightScale BnnPynq { get; } = new BnnPynq();

    /// <summary>(max w - min w) / high, with a zero point.</summary>
    public static WeightScale Shifted { get; } = new Shifted();

    /// <summary>|v| / high, v learned from max|w| on.</summary>
    public static WeightScale Learned { get; } = new Learned();

    /// <summary>|v| / high, v learned from where the squared error is least.</summary>
    public static WeightScale LearnedMse { get; } = new LearnedMse();

    /// <summary>|v|, v learned from 2 mean|w| / sqrt(high) on, with the gradient scaled to the number of weights.</summary>
    public static WeightScale Lsq { get; } = new Lsq();

    /// <summary>Rounded at max|w| / high, valued at |v| / high, v learned from max|w| on.</summary>
    public static WeightScale Decoupled { get; } = new Decoupled();

    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<WeightScale> All { get; } = [MaxAbs, PowerOfTwo, MeanAbs, Gaussian, Constant, BnnPynq, Shifted, Learned, LearnedMse, Lsq, Decoupled];
}
