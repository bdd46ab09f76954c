using System.Numerics;
using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The loops of <see cref="FusedNormalize"/> over values in the order of memory, channels last. What belongs to channels is repeated until it fills whole vectors:
/// so many values are a row. Each loop takes a range of rows, and sums by the place in a row: in double precision, of blocks that are summed in single precision.
/// With the affine form of the batch norm, z = a x + b by channel, a value is y = first(z), or y = second(first(z) + other) with a residual.
/// </summary>
readonly unsafe struct NormalizedRows
{
    const int Lanes = 16, ValuesInABlock = 4096, RowsInABlock = 16;

    /// <summary>Of each place in a row: a of z = a x + b.</summary>
    public required float[] Factor { get; init; }

    /// <summary>Of each place in a row: b of z = a x + b.</summary>
    public required float[] Offset { get; init; }

    /// <summary>The quantizer behind the batch norm.</summary>
    public RoundToScale First { get; init; }

    /// <summary>The quantizer behind the residual add; null where nothing is added.</summary>
    public RoundToScale? Second { get; init; }

    /// <summary>Values in a row, a multiple of the channels; 0 where that many values cannot be cut into such rows.</summary>
    public static int WidthFor(long values, int channels)
    {
        const int Short = 64;   // sums of shorter rows would wait for each other
        int width = channels * (Lanes / (int)BigInteger.GreatestCommonDivisor(channels, Lanes));
        if (values % width != 0) return 0;
        while (width < Short && values % (2 * width) == 0) width *= 2;
        return width;
    }

    /// <summary>Repeats what belongs to channels until it fills a row.</summary>
    public static float[] Wide(float[] byChannel, int width) => [.. Enumerable.Range(0, width).Select(i => byChannel[i % byChannel.Length])];

    /// <summary>Adds x - origin and its square to the sums.</summary>
    public static void Statistics(float* x, long count, float[] origin, RowSums sums)
    {
        int width = origin.Length;
        fixed (float* center = origin, sum = sums.Partial, square = sums.PartialProducts)
        {
            for (long begin = 0; begin < count; begin += Block(width))
            {
                for (float* row = x + begin, end = x + Math.Min(count, begin + Block(width)); row < end; row += width)
                    for (int c = 0; c < width; c += Lanes)
                    {
                        Vector512<float> d = Vector512.Load(row + c) - Vector512.Load(center + c);
                        (Vector512.Load(sum + c) + d).Store(sum + c);
                        Vector512.FusedMultiplyAdd(d, d, Vector512.Load(square + c)).Store(square + c);
                    }
                sums.EndBlock();
            }
        }
    }

    /// <summary>y from x, and from the other operand where something is added.</summary>
    public void Forward(float* x, float* other, float* y, long count)
    {
        RoundToScale first = First, second = Second.GetValueOrDefault();
        int width = Factor.Length;
        fixed (float* factor = Factor, offset = Offset)
        {
            for (long row = 0; row < count; row += width)
                for (int c = 0; c < width; c += Lanes)
                {
                    long i = row + c;
                    Vector512<float> value = first.Value(Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(factor + c), Vector512.Load(offset + c)));
                    (other == null ? value : second.Value(value + Vector512.Load(other + i))).Store(y + i);
                }
        }
    }

    /// <summary>
    /// The gradients above the batch norm: of the other operand, where something is added, and the sums of dz and of dz (x - mean).
    /// Returns what the quantizers' scales get, each times its scale.
    /// </summary>
    public (double First, double Second) Above(float* x, float* other, float* dy, float* dOther, long count, float[] mean, RowSums sums)
    {
        RoundToScale first = First, second = Second.GetValueOrDefault();
        int width = Factor.Length;
        double ofFirst = 0, ofSecond = 0;
        fixed (float* factor = Factor, offset = Offset, center = mean, sum = sums.Partial, product = sums.PartialProducts)
        {
            for (long begin = 0; begin < count; begin += Block(width))
            {
                Vector512<float> firstScale = default, secondScale = default;
                for (long row = begin, end = Math.Min(count, begin + Block(width)); row < end; row += width)
                    for (int c = 0; c < width; c += Lanes)
                    {
                        long i = row + c;
                        Vector512<float> v = Vector512.Load(x + i), above = Vector512.Load(dy + i), ds;
                        Vector512<float> z = Vector512.FusedMultiplyAdd(v, Vector512.Load(factor + c), Vector512.Load(offset + c));
                        if (other != null)
                        {
                            (above, ds) = second.Gradient(first.Value(z) + Vector512.Load(other + i), above);
                            above.Store(dOther + i);
                            secondScale += ds;
                        }
                        (Vector512<float> dz, ds) = first.Gradient(z, above);
                        firstScale += ds;
                        (Vector512.Load(sum + c) + dz).Store(sum + c);
                        Vector512.FusedMultiplyAdd(dz, v - Vector512.Load(center + c), Vector512.Load(product + c)).Store(product + c);
                    }
                ofFirst += Vector512.Sum(firstScale);
                ofSecond += Vector512.Sum(secondScale);
                sums.EndBlock();
            }
        }
        return (ofFirst, ofSecond);
    }

    /// <summary>dx = a dz + constant + slope x, from the gradient above the first quantizer.</summary>
    public void Below(float* x, float* above, float* dx, long count, float[] constant, float[] slope)
    {
        RoundToScale first = First;
        int width = Factor.Length;
        fixed (float* factor = Factor, offset = Offset, k = constant, m = slope)
        {
            for (long row = 0; row < count; row += width)
                for (int c = 0; c < width; c += Lanes)
                {
                    long i = row + c;
                    Vector512<float> v = Vector512.Load(x + i), a = Vector512.Load(factor + c);
                    var (dz, _) = first.Gradient(Vector512.FusedMultiplyAdd(v, a, Vector512.Load(offset + c)), Vector512.Load(above + i));
                    Vector512.FusedMultiplyAdd(dz, a, Vector512.FusedMultiplyAdd(v, Vector512.Load(m + c), Vector512.Load(k + c))).Store(dx + i);
                }
        }
    }

    /// <summary>z of the value at an index.</summary>
    public float Normalized(float x, long index) => MathF.FusedMultiplyAdd(x, Factor[index % Factor.Length], Offset[index % Factor.Length]);

    /// <summary>The values that the first quantizer takes (behind its ReLU), or with the other operand those that the second takes, as magnitudes to rank.</summary>
    public readonly struct Magnitudes(NormalizedRows rows, float* x, float* other, long count, bool relu) : IMagnitudes
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
            Vector512<float> largest = default;
            fixed (float* factor = rows.Factor, offset = rows.Offset)
            {
                for (long row = begin; row < begin + part; row += Granule)
                    for (int c = 0; c < Granule; c += Lanes) largest = Vector512.Max(largest, Vector(row + c, factor + c, offset + c));
            }
            float result = 0;
            for (int lane = 0; lane < Lanes; lane++) result = Math.Max(result, largest[lane]);
            return result;
        }

        public void Write(long begin, Span<float> magnitudes)
        {
            fixed (float* factor = rows.Factor, offset = rows.Offset, to = magnitudes)
            {
                for (int row = 0; row < magnitudes.Length; row += Granule)
                    for (int c = 0; c < Granule; c += Lanes) Vector(begin + row + c, factor + c, offset + c).Store(to + row + c);
            }
        }

        Vector512<float> Vector(long i, float* factor, float* offset)
        {
            Vector512<float> value = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(factor), Vector512.Load(offset));
            if (other != null) value = rows.First.Value(value) + Vector512.Load(other + i);
            return Vector512.Abs(Vector512.Max(value, Vector512.Create(floor)));
        }
    }

    static int Block(int width) => width * Math.Max(RowsInABlock, ValuesInABlock / width);
}
