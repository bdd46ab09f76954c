using System.Diagnostics;
using static TorchSharp.torch;

namespace Lowbit.Training.Benchmarks;

/// <summary>
/// What this machine does at best, measured: the two limits of the roofline model. Williams, Waterman and Patterson 2009, "Roofline: An Insightful Visual
/// Performance Model for Multicore Architectures".
/// </summary>
/// <param name="FlopsPerSecond">Float32 operations of libtorch's product of two large matrices.</param>
/// <param name="BytesPerSecond">Bytes read and written by libtorch's adding one tensor to another, of sizes that fit in no cache.</param>
public sealed record MachinePeaks(double FlopsPerSecond, double BytesPerSecond)
{
    const int Side = 1536, Tries = 7;
    const long Values = 32 << 20;

    /// <summary>Measures both on torch's threads, the best of several tries.</summary>
    public static MachinePeaks Measure()
    {
        using var scope = NewDisposeScope();
        Tensor left = randn(Side, Side), right = randn(Side, Side);
        double flops = 2.0 * Side * Side * Side / Best(() => mm(left, right).Dispose());
        Tensor sum = zeros(Values), addend = ones(Values);
        double bytes = 3.0 * sizeof(float) * Values / Best(() => sum.add_(addend, alpha: CachedScalar.Of(1)));
        return new(flops, bytes);
    }

    static double Best(Action work)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < Tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
