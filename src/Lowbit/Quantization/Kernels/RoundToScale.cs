using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The quantizer of activations without a zero point, value by value: q = clamp(round(x / s), low, high), y = s q. Backward: within low..high
/// dx = dy and ds = dy (q s - x) / s, outside dx = 0 and ds = dy q. The values are those of <see cref="Rounding.QuantizeCutting"/> to the bit; the scale's
/// gradient is more exact, because a fused multiply-add keeps what q - x / s would round away.
/// </summary>
static unsafe class RoundToScale
{
    /// <summary>y from x, both <paramref name="count"/> values.</summary>
    public static void Forward(float* x, float* y, long count, float scale, float low, float high)
    {
        long i = 0;
        var (s, l, h) = (Vector512.Create(scale), Vector512.Create(low), Vector512.Create(high));
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
            (Clamp(Vector512.Round(Vector512.Load(x + i) / s), l, h) * s).Store(y + i);
        for (; i < count; i++) y[i] = Value(x[i], scale, low, high);
    }

    /// <summary>dx from x and dy; returns ds.</summary>
    public static double Backward(float* x, float* dy, float* dx, long count, float scale, float low, float high)
    {
        const long Block = 4096;   // sums of floats stay exact enough over this many
        double sum = 0;
        for (long first = 0; first < count; first += Block)
        {
            long n = Math.Min(Block, count - first);
            sum += BackwardBlock(x + first, dy + first, dx + first, n, scale, low, high);
        }
        return sum / scale;
    }

    /// <summary>One value, as the vectors above have it.</summary>
    public static float Value(float x, float scale, float low, float high) => Math.Clamp(MathF.Round(x / scale), low, high) * scale;

    /// <summary>One value's gradient and, times the scale, its share of the scale's.</summary>
    public static (float Dx, float Ds) Gradient(float x, float dy, float scale, float low, float high)
    {
        float rounded = MathF.Round(x / scale), q = Math.Clamp(rounded, low, high);
        return q == rounded ? (dy, dy * MathF.FusedMultiplyAdd(q, scale, -x)) : (0, dy * (q * scale));
    }

    static double BackwardBlock(float* x, float* dy, float* dx, long count, float scale, float low, float high)
    {
        long i = 0;
        var (s, l, h) = (Vector512.Create(scale), Vector512.Create(low), Vector512.Create(high));
        Vector512<float> sum = Vector512<float>.Zero;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> v = Vector512.Load(x + i), g = Vector512.Load(dy + i);
            Vector512<float> rounded = Vector512.Round(v / s), q = Clamp(rounded, l, h), inside = Vector512.Equals(q, rounded);
            (g & inside).Store(dx + i);
            sum += g * Vector512.FusedMultiplyAdd(q, s, -(v & inside));
        }
        double total = Vector512.Sum(sum);
        for (; i < count; i++)
        {
            (dx[i], float scaled) = Gradient(x[i], dy[i], scale, low, high);
            total += scaled;
        }
        return total;
    }

    static Vector512<float> Clamp(Vector512<float> x, Vector512<float> low, Vector512<float> high) => Vector512.Min(Vector512.Max(x, low), high);
}
