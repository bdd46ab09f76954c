using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>A quantizer as a kernel sees it that computes it together with other nodes: one scale, and integers.</summary>
/// <param name="Scale">The scale, one value, to which a gradient goes; in the batches that are collected, not the one that counts.</param>
/// <param name="Collecting">What makes the scale of the batch's statistic; null where <paramref name="Scale"/> counts.</param>
/// <param name="Range">The integers.</param>
/// <param name="Relu">Whether a ReLU comes before it.</param>
readonly record struct ScaledRange(Tensor Scale, IBatchThreshold? Collecting, IntegerRange Range, bool Relu);

/// <summary>A threshold that follows the batches' statistics.</summary>
interface IBatchThreshold
{
    /// <summary>The running statistic, which several quantizers may share.</summary>
    CollectedStatistic Statistic { get; }

    /// <summary>What a threshold is divided by to be a scale.</summary>
    int Divisor { get; }

    /// <summary>The statistic of a batch's magnitudes, and which of them it is; -1 where it is none.</summary>
    (float Magnitude, long Index) Of<T>(T magnitudes) where T : struct, IMagnitudes;

    /// <summary>Takes a batch's statistic into the statistics, and gives the scale that it makes.</summary>
    float Collect(float magnitude);
}
