using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The quantizer of activations without a zero point, value by value, behind a ReLU or not: r = max(x, 0) or x, q = clamp(round(r / s), low, high), y = s q.
/// Backward: within low..high dx = dy (0 where the ReLU cut) and ds = dy (q s - r) / s, outside dx = 0 and ds = dy q. The values are those of
/// <see cref="Rounding.QuantizeCutting"/> to the bit; the scale's gradient is more exact, because a fused multiply-add keeps what q - r / s would round away.
/// </summary>
readonly struct RoundToScale(float scale, float low, float high, bool relu = false)
{
    readonly float floor = relu ? 0 : float.NegativeInfinity;

    public float Scale => scale;

    public float Value(float x) => Math.Clamp(MathF.Round(Math.Max(x, floor) / scale), low, high) * scale;

    public Vector512<float> Value(Vector512<float> x) => Clamp(Vector512.Round(Vector512.Max(x, Vector512.Create(floor)) / scale)) * scale;

    /// <summary>One value's gradient and, times the scale, its share of the scale's.</summary>
    public (float Dx, float Ds) Gradient(float x, float dy)
    {
        float r = Math.Max(x, floor), rounded = MathF.Round(r / scale), q = Math.Clamp(rounded, low, high);
        return q == rounded ? (r > floor ? dy : 0, dy * MathF.FusedMultiplyAdd(q, scale, -r)) : (0, dy * (q * scale));
    }

    /// <summary>The same of a vector of values.</summary>
    public (Vector512<float> Dx, Vector512<float> Ds) Gradient(Vector512<float> x, Vector512<float> dy)
    {
        var bottom = Vector512.Create(floor);
        Vector512<float> r = Vector512.Max(x, bottom), rounded = Vector512.Round(r / scale), q = Clamp(rounded), inside = Vector512.Equals(q, rounded);
        return (dy & inside & Vector512.GreaterThan(r, bottom), dy * Vector512.FusedMultiplyAdd(q, Vector512.Create(scale), -(r & inside)));
    }

    Vector512<float> Clamp(Vector512<float> x) => Vector512.Min(Vector512.Max(x, Vector512.Create(low)), Vector512.Create(high));
}
