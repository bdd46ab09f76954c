using System.Runtime.Intrinsics;
using Lowbit.Graphs;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The quantizer of activations without a zero point, value by value, behind a ReLU or not: r = max(x, 0) or x, q = clamp(round(r / s), low, high) or in a binary
/// range the sign of r, y = s q. Backward: within low..high dx = dy (0 where the ReLU cut) and ds = dy (q s - r) / s, outside dx = 0 and ds = dy q. The values are those
/// of <see cref="Rounding.QuantizeCutting"/> to the bit; the scale's gradient is more exact, because a fused multiply-add keeps what q - r / s would round away.
/// </summary>
readonly struct RoundToScale(float scale, IntegerRange range, bool relu = false)
{
    readonly float floor = relu ? 0 : float.NegativeInfinity, low = range.Low, high = range.High;
    readonly bool isBinary = range.IsBinary;

    public float Scale => scale;

    public float Value(float x) => Nearest(Math.Max(x, floor) / scale).Q * scale;

    public Vector512<float> Value(Vector512<float> x) => Nearest(Vector512.Max(x, Vector512.Create(floor)) / scale).Q * scale;

    /// <summary>One value's gradient and, times the scale, its share of the scale's.</summary>
    public (float Dx, float Ds) Gradient(float x, float dy)
    {
        float r = Math.Max(x, floor);
        var (q, isInside) = Nearest(r / scale);
        return isInside ? (r > floor ? dy : 0, dy * MathF.FusedMultiplyAdd(q, scale, -r)) : (0, dy * (q * scale));
    }

    /// <summary>The same of a vector of values.</summary>
    public (Vector512<float> Dx, Vector512<float> Ds) Gradient(Vector512<float> x, Vector512<float> dy)
    {
        var bottom = Vector512.Create(floor);
        Vector512<float> r = Vector512.Max(x, bottom);
        var (q, inside) = Nearest(r / scale);
        return (dy & inside & Vector512.GreaterThan(r, bottom), dy * Vector512.FusedMultiplyAdd(q, Vector512.Create(scale), -(r & inside)));
    }

    /// <summary>The integer, and whether none nearer is out of range.</summary>
    (float Q, bool IsInside) Nearest(float level)
    {
        float rounded = isBinary ? level : MathF.Round(level), q = Math.Clamp(rounded, low, high);
        return (isBinary ? level >= 0 ? high : low : q, q == rounded);
    }

    (Vector512<float> Q, Vector512<float> Inside) Nearest(Vector512<float> level)
    {
        Vector512<float> least = Vector512.Create(low), most = Vector512.Create(high);
        Vector512<float> rounded = isBinary ? level : Vector512.Round(level), q = Vector512.Min(Vector512.Max(rounded, least), most);
        return (isBinary ? Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(level, Vector512<float>.Zero), most, least) : q, Vector512.Equals(q, rounded));
    }
}
