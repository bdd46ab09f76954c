using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The loops of <see cref="FusedNormalize"/> over rows of values (see <see cref="RowLayout"/>). Each takes a range of rows, and sums by the place in a row.
/// With the batch norm as z = a (x - m) + b by channel, a value is y = first(z), or y = second(first(z) + other) with a residual.
/// </summary>
/// <typeparam name="T">What the quantizers compute.</typeparam>
readonly unsafe struct NormalizedRows<T> where T : struct, IScaledLevels<T>
{
    const int Lanes = RowLayout.Lanes;

    /// <summary>Of each place in a row: m of z = a (x - m) + b, the mean, so that a channel of equal values is b exactly.</summary>
    public required float[] Center { get; init; }

    /// <summary>Of each place in a row: a of z = a (x - m) + b.</summary>
    public required float[] Factor { get; init; }

    /// <summary>Of each place in a row: b of z = a (x - m) + b.</summary>
    public required float[] Offset { get; init; }

    /// <summary>The quantizer after the batch norm.</summary>
    public T First { get; init; }

    /// <summary>The quantizer after the residual add; null where nothing is added.</summary>
    public T? Second { get; init; }

    /// <summary>The quantizer that makes narrower values of y beside it; null where there is none.</summary>
    public T? Narrow { get; init; }

    /// <summary>y from x, and from the other operand where something is added; and its narrower values where there is a place for them.</summary>
    public void Forward(float* x, float* other, float* y, float* narrowed, long count)
    {
        T first = First, second = Second.GetValueOrDefault(), narrow = Narrow.GetValueOrDefault();
        int width = Factor.Length;
        fixed (float* center = Center, factor = Factor, offset = Offset)
        {
            for (long row = 0; row < count; row += width)
                for (int c = 0; c < width; c += Lanes)
                {
                    long i = row + c;
                    Vector512<float> value = first.Value(Vector512.MultiplyAddEstimate(Vector512.Load(x + i) - Vector512.Load(center + c), Vector512.Load(factor + c), Vector512.Load(offset + c)));
                    if (other != null) value = second.Value(value + Vector512.Load(other + i));
                    value.Store(y + i);
                    if (narrowed != null) narrow.Value(value).Store(narrowed + i);
                }
        }
    }

    /// <summary>
    /// The gradients above the batch norm: of the first quantizer's value, which is also the other operand's, where something is added or narrowed; and the sums of dz
    /// and of dz (x - mean). Returns what the quantizers' scales get, each times its scale.
    /// </summary>
    public (double First, double Second, double Narrow) Above(float* x, float* other, float* dy, float* dNarrow, float* dFirst, long count, RowSums sums)
    {
        T first = First, second = Second.GetValueOrDefault(), narrow = Narrow.GetValueOrDefault();
        int width = Factor.Length;
        double ofFirst = 0, ofSecond = 0, ofNarrow = 0;
        fixed (float* center = Center, factor = Factor, offset = Offset, sum = sums.Partial, product = sums.PartialProducts)
        {
            for (long begin = 0; begin < count; begin += RowLayout.Block(width))
            {
                Vector512<float> firstScale = default, secondScale = default, narrowScale = default;
                for (long row = begin, end = Math.Min(count, begin + RowLayout.Block(width)); row < end; row += width)
                    for (int c = 0; c < width; c += Lanes)
                    {
                        long i = row + c;
                        Vector512<float> v = Vector512.Load(x + i) - Vector512.Load(center + c), above = Vector512.Load(dy + i), ds;
                        Vector512<float> z = Vector512.MultiplyAddEstimate(v, Vector512.Load(factor + c), Vector512.Load(offset + c));
                        Vector512<float> added = other == null ? default : first.Value(z) + Vector512.Load(other + i);
                        if (dNarrow != null)
                        {
                            (Vector512<float> ofStream, ds) = narrow.Gradient(other == null ? first.Value(z) : second.Value(added), Vector512.Load(dNarrow + i));
                            above += ofStream;
                            narrowScale += ds;
                        }
                        if (other != null)
                        {
                            (above, ds) = second.Gradient(added, above);
                            secondScale += ds;
                        }
                        if (dFirst != null) above.Store(dFirst + i);
                        (Vector512<float> dz, ds) = first.Gradient(z, above);
                        firstScale += ds;
                        (Vector512.Load(sum + c) + dz).Store(sum + c);
                        Vector512.MultiplyAddEstimate(dz, v, Vector512.Load(product + c)).Store(product + c);
                    }
                ofFirst += Vector512.Sum(firstScale);
                ofSecond += Vector512.Sum(secondScale);
                ofNarrow += Vector512.Sum(narrowScale);
                sums.EndBlock();
            }
        }
        return (ofFirst, ofSecond, ofNarrow);
    }

    /// <summary>dx = a dz + constant + slope (x - mean), from the gradient above the first quantizer.</summary>
    public void Below(float* x, float* above, float* dx, long count, float[] constant, float[] slope)
    {
        T first = First;
        int width = Factor.Length;
        fixed (float* center = Center, factor = Factor, offset = Offset, k = constant, m = slope)
        {
            for (long row = 0; row < count; row += width)
                for (int c = 0; c < width; c += Lanes)
                {
                    long i = row + c;
                    Vector512<float> v = Vector512.Load(x + i) - Vector512.Load(center + c), a = Vector512.Load(factor + c);
                    var (dz, _) = first.Gradient(Vector512.MultiplyAddEstimate(v, a, Vector512.Load(offset + c)), Vector512.Load(above + i));
                    Vector512<float> ofMeans = Vector512.MultiplyAddEstimate(v, Vector512.Load(m + c), Vector512.Load(k + c));
                    Vector512.MultiplyAddEstimate(dz, a, ofMeans).Store(dx + i);
                }
        }
    }

    /// <summary>z of the value at an index.</summary>
    public float Normalized(float x, long index) => float.MultiplyAddEstimate(x - Center[index % Center.Length], Factor[index % Factor.Length], Offset[index % Factor.Length]);

    /// <summary>The values that the first quantizer takes (after its ReLU), or with the other operand those that the second takes, as magnitudes to rank.</summary>
    public readonly struct Magnitudes(NormalizedRows<T> rows, float* x, float* other, long count, bool relu) : IMagnitudes
    {
        readonly float floor = relu ? 0 : float.NegativeInfinity;

        public long Count => count;

        public int Granule => rows.Factor.Length;

        /// <summary>One value.</summary>
        public float this[long index]
        {
            get
            {
                float z = rows.Normalized(x[index], index);
                return Math.Max(other == null ? z : rows.First.Value(z) + other[index], floor);
            }
        }

        public float Largest(long begin, long part)
        {
            T first = rows.First;
            int width = Granule;
            Vector512<float> largest = default, bottom = Vector512.Create(floor);
            fixed (float* center = rows.Center, factor = rows.Factor, offset = rows.Offset)
            {
                float* from = x + begin, operand = other == null ? null : other + begin;
                for (long row = 0; row < part; row += width)
                    for (int c = 0; c < width; c += Lanes) largest = Vector512.Max(largest, Of(from, operand, row + c, center + c, factor + c, offset + c, first, bottom));
            }
            float result = 0;
            for (int lane = 0; lane < Lanes; lane++) result = Math.Max(result, largest[lane]);
            return result;
        }

        public void Write(long begin, Span<float> magnitudes)
        {
            T first = rows.First;
            int width = Granule;
            Vector512<float> bottom = Vector512.Create(floor);
            fixed (float* center = rows.Center, factor = rows.Factor, offset = rows.Offset, to = magnitudes)
            {
                float* from = x + begin, operand = other == null ? null : other + begin;
                for (int row = 0; row < magnitudes.Length; row += width)
                    for (int c = 0; c < width; c += Lanes) Of(from, operand, row + c, center + c, factor + c, offset + c, first, bottom).Store(to + row + c);
            }
        }

        static Vector512<float> Of(float* x, float* other, long i, float* center, float* factor, float* offset, T first, Vector512<float> bottom)
        {
            Vector512<float> value = Vector512.MultiplyAddEstimate(Vector512.Load(x + i) - Vector512.Load(center), Vector512.Load(factor), Vector512.Load(offset));
            if (other != null) value = first.Value(value) + Vector512.Load(other + i);
            return Vector512.Abs(Vector512.Max(value, bottom));
        }
    }
}
