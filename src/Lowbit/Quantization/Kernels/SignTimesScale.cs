using System.Runtime.Intrinsics;
using Lowbit.Graphs;

namespace Lowbit.Quantization.Kernels;

/// <summary>-1 or +1, by the sign, 0 counting as +1; within the range is what lies in -s..s.</summary>
readonly struct SignTimesScale(float scale, bool relu) : IScaledLevels<SignTimesScale>
{
    readonly float floor = relu ? 0 : float.NegativeInfinity;

    public static SignTimesScale Create(float scale, IntegerRange range, bool relu) => new(scale, relu);

    public float Scale => scale;

    public float Value(float x) => Math.Max(x, floor) / scale >= 0 ? scale : -scale;

    public Vector512<float> Value(Vector512<float> x) => Sign(Vector512.Max(x, Vector512.Create(floor)) / scale);

    public (float Dx, float Ds) Gradient(float x, float dy)
    {
        float r = Math.Max(x, floor);
        return MathF.Abs(r / scale) <= 1 ? (r > floor ? dy : 0, dy * (Value(x) - r)) : (0, dy * Value(x));
    }

    public (Vector512<float> Dx, Vector512<float> Ds) Gradient(Vector512<float> x, Vector512<float> dy)
    {
        var bottom = Vector512.Create(floor);
        Vector512<float> r = Vector512.Max(x, bottom), level = r / scale, inside = Vector512.LessThanOrEqual(Vector512.Abs(level), Vector512<float>.One);
        return (dy & inside & Vector512.GreaterThan(r, bottom), dy * (Sign(level) - (r & inside)));
    }

    Vector512<float> Sign(Vector512<float> level) =>
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(level, Vector512<float>.Zero), Vector512.Create(scale), Vector512.Create(-scale));
}
