using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The weights of one scale, value by value: q = clamp(round(w / s), low, high), or the sign of w in a binary range, y = s q; and ds = dy (q - w / s) everywhere, as
/// <see cref="Rounding.QuantizeStraightThrough"/> has it.
/// </summary>
readonly unsafe struct WeightLevels(float scale, Graphs.IntegerRange range)
{
    readonly float low = range.Low, high = range.High;

    /// <summary>y from w.</summary>
    public void Forward(float* w, float* y, long count)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count) (Level(Vector512.Load(w + i) / scale) * scale).Store(y + i);
        for (; i < count; i++) y[i] = Level(w[i] / scale) * scale;
    }

    /// <summary>The scale's gradient.</summary>
    public double Backward(float* w, float* dy, long count)
    {
        const long Block = 4096;   // sums of floats stay exact enough over this many
        double sum = 0;
        for (long first = 0; first < count; first += Block)
        {
            long i = first, end = Math.Min(count, first + Block);
            Vector512<float> lanes = default;
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                Vector512<float> level = Vector512.Load(w + i) / scale;
                lanes = Vector512.MultiplyAddEstimate(Vector512.Load(dy + i), Level(level) - level, lanes);
            }
            sum += Vector512.Sum(lanes);
            for (; i < end; i++) sum += dy[i] * (Level(w[i] / scale) - w[i] / scale);
        }
        return sum;
    }

    /// <summary>
    /// The gradients of w and of the scale with w's cut outside the range: within it dw = dy and ds = dy (q - w / s), outside dw = 0 and ds = dy q, as
    /// <see cref="Rounding.QuantizeStraightThroughClipped"/> has it.
    /// </summary>
    public double BackwardClipped(float* w, float* dy, float* dw, long count)
    {
        const long Block = 4096;
        double sum = 0;
        for (long first = 0; first < count; first += Block)
        {
            long i = first, end = Math.Min(count, first + Block);
            Vector512<float> lanes = default;
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                Vector512<float> level = Vector512.Load(w + i) / scale, above = Vector512.Load(dy + i), inside = Inside(level);
                (above & inside).Store(dw + i);
                lanes = Vector512.MultiplyAddEstimate(above, Level(level) - (level & inside), lanes);
            }
            sum += Vector512.Sum(lanes);
            for (; i < end; i++)
            {
                float level = w[i] / scale;
                bool inside = range.IsBinary ? MathF.Abs(level) <= 1 : MathF.Round(level) >= low && MathF.Round(level) <= high;
                dw[i] = inside ? dy[i] : 0;
                sum += dy[i] * (Level(level) - (inside ? level : 0));
            }
        }
        return sum;
    }

    Vector512<float> Inside(Vector512<float> level) => range.IsBinary
        ? Vector512.LessThanOrEqual(Vector512.Abs(level), Vector512<float>.One)
        : Vector512.Equals(Level(level), Vector512.Round(level));

    float Level(float x) => range.IsBinary ? x >= 0 ? 1 : -1 : Math.Clamp(MathF.Round(x), low, high);

    Vector512<float> Level(Vector512<float> x) => range.IsBinary
        ? Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512<float>.Zero), Vector512<float>.One, -Vector512<float>.One)
        : Vector512.Min(Vector512.Max(Vector512.Round(x), Vector512.Create(low)), Vector512.Create(high));
}
