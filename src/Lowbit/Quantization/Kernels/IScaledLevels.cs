using System.Runtime.Intrinsics;
using Lowbit.Graphs;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The quantizer of activations without a zero point, value by value, after a ReLU or not: r = max(x, 0) or x, y = s q with the integer q that is taken for r / s.
/// Backward, as <see cref="Rounding.QuantizeStraightThroughClipped"/> has it: within the range dx = dy (0 where the ReLU cut) and ds = dy (q s - r) / s, outside dx = 0 and ds = dy q.
/// The values are the reference's to the bit; the scale's gradient is more exact, because q s - r is one fused multiply-add, where the processor has it.
/// </summary>
/// <typeparam name="TSelf">Which integers are taken. A type, so that loops are compiled for each: a choice inside them takes longer than all they compute.</typeparam>
interface IScaledLevels<TSelf> where TSelf : struct, IScaledLevels<TSelf>
{
    /// <summary>Those of a scale and a range.</summary>
    static abstract TSelf Create(float scale, IntegerRange range, bool relu);

    /// <summary>s.</summary>
    float Scale { get; }

    /// <summary>y of one value.</summary>
    float Value(float x);

    /// <summary>y of a vector of values.</summary>
    Vector512<float> Value(Vector512<float> x);

    /// <summary>One value's gradient and, times the scale, its share of the scale's.</summary>
    (float Dx, float Ds) Gradient(float x, float dy);

    /// <summary>The same of a vector of values.</summary>
    (Vector512<float> Dx, Vector512<float> Ds) Gradient(Vector512<float> x, Vector512<float> dy);
}
