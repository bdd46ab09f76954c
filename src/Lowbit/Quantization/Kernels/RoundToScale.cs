using System.Runtime.Intrinsics;
using Lowbit.Graphs;

namespace Lowbit.Quantization.Kernels;

/// <summary>The nearest integer, halves to the even one, clamped: q = clamp(round(r / s), low, high).</summary>
readonly struct RoundToScale(float scale, IntegerRange range, bool relu) : IScaledLevels<RoundToScale>
{
    readonly float floor = relu ? 0 : float.NegativeInfinity, low = range.Low, high = range.High;

    public static RoundToScale Create(float scale, IntegerRange range, bool relu) => new(scale, range, relu);

    public float Scale => scale;

    public float Value(float x) => Math.Clamp(MathF.Round(Math.Max(x, floor) / scale), low, high) * scale;

    public Vector512<float> Value(Vector512<float> x) => Clamp(Vector512.Round(Vector512.Max(x, Vector512.Create(floor)) / scale)) * scale;

    public (float Dx, float Ds) Gradient(float x, float dy)
    {
        float r = Math.Max(x, floor), rounded = MathF.Round(r / scale), q = Math.Clamp(rounded, low, high);
        return q == rounded ? (r > floor ? dy : 0, dy * float.MultiplyAddEstimate(q, scale, -r)) : (0, dy * (q * scale));
    }

    public (Vector512<float> Dx, Vector512<float> Ds) Gradient(Vector512<float> x, Vector512<float> dy)
    {
        var bottom = Vector512.Create(floor);
        Vector512<float> r = Vector512.Max(x, bottom), rounded = Vector512.Round(r / scale), q = Clamp(rounded), inside = Vector512.Equals(q, rounded);
        return (dy & inside & Vector512.GreaterThan(r, bottom), dy * Vector512.MultiplyAddEstimate(q, Vector512.Create(scale), -(r & inside)));
    }

    Vector512<float> Clamp(Vector512<float> x) => Vector512.Min(Vector512.Max(x, Vector512.Create(low)), Vector512.Create(high));
}
