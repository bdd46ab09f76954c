using Lowbit.Quantization.Activations;

namespace Lowbit.Graphs;

/// <summary>The list of all quantizers of activations: the one place that knows both what a graph says of them and how they compute.</summary>
public abstract partial class ActivationScale
{
    /// <summary>threshold / divisor; statistics first, then learned.</summary>
    public static ActivationScale Learned { get; } = new Learned();

    /// <summary>Started where the squared error is least, then learned, with the gradient scaled to the number of values.</summary>
    public static ActivationScale LearnedStep { get; } = new LearnedStep();

    /// <summary>As <see cref="LearnedStep"/>, started at 2 mean|x| / sqrt(high) of the first batch.</summary>
    public static ActivationScale Lsq { get; } = new Lsq();

    /// <summary>As <see cref="Learned"/>, with the logarithm (base 2) of the threshold learned.</summary>
    public static ActivationScale LearnedLog { get; } = new LearnedLog();

    /// <summary>Powers of two, their logarithm learned.</summary>
    public static ActivationScale PowerOfTwo { get; } = new PowerOfTwo();

    /// <summary>Learned from 1 on, without statistics.</summary>
    public static ActivationScale LearnedFromOne { get; } = new LearnedFromOne();

    /// <summary>The constant 1 / high, narrow; sign at 1 bit.</summary>
    public static ActivationScale Constant { get; } = new Constant();

    /// <summary>Unsigned with a zero point, both from percentiles, then learned.</summary>
    public static ActivationScale Shifted { get; } = new Shifted();

    /// <summary>The constant 2^(1 - bits), for images in -1..1.</summary>
    public static ActivationScale FixedPointUnit { get; } = new FixedPointUnit();

    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<ActivationScale> All { get; } = [Learned, LearnedStep, Lsq, LearnedLog, PowerOfTwo, LearnedFromOne, Constant, Shifted, FixedPointUnit];
}
