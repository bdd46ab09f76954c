using System.Runtime.Intrinsics;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// The loops of <see cref="FusedNormalize"/> over rows of channels, [rows, channels] as channels-last memory has them: a row is a pixel. Each takes a range of rows,
/// and sums by channel in double precision, of blocks that are summed in single precision.
/// With the affine form of the batch norm, z = a x + b by channel, a row's value is y = first(z), or y = second(first(z) + other) with a residual.
/// </summary>
readonly unsafe struct NormalizedRows
{
    /// <summary>Channels that are computed side by side; the number of channels is a multiple of it.</summary>
    public const int Lanes = 16;

    const int ValuesInABlock = 4096;   // 16 KiB: what a block's second pass reads is still in the first-level cache

    public required int Channels { get; init; }

    /// <summary>By channel: a of z = a x + b.</summary>
    public required float[] Factor { get; init; }

    /// <summary>By channel: b of z = a x + b.</summary>
    public required float[] Offset { get; init; }

    /// <summary>The quantizer behind the batch norm.</summary>
    public RoundToScale First { get; init; }

    /// <summary>The quantizer behind the residual add; null where nothing is added.</summary>
    public RoundToScale? Second { get; init; }

    /// <summary>Adds to the sums, by channel, x - origin and its square.</summary>
    public static void Statistics(float* x, long rows, int channels, float[] origin, double[] sums, double[] squares)
    {
        for (long row = 0; row < rows; row += BlockRows(channels))
        {
            long end = Math.Min(rows, row + BlockRows(channels));
            for (int c = 0; c < channels; c += Lanes)
            {
                Vector512<float> center = Vector512.Create(origin, c), sum = default, square = default;
                for (float* at = x + row * channels + c, last = x + end * channels; at < last; at += channels)
                {
                    Vector512<float> d = Vector512.Load(at) - center;
                    sum += d;
                    square = Vector512.FusedMultiplyAdd(d, d, square);
                }
                AddTo(sums, c, sum);
                AddTo(squares, c, square);
            }
        }
    }

    /// <summary>y from x, and from the other operand where something is added.</summary>
    public void Forward(float* x, float* other, float* y, long rows)
    {
        RoundToScale first = First, second = Second.GetValueOrDefault();
        int channels = Channels;
        for (long row = 0; row < rows; row += BlockRows(channels))
        {
            long begin = row * channels, end = Math.Min(rows, row + BlockRows(channels)) * channels;
            for (int c = 0; c < channels; c += Lanes)
            {
                Vector512<float> a = Vector512.Create(Factor, c), b = Vector512.Create(Offset, c);
                for (long i = begin + c; i < end; i += channels)
                {
                    Vector512<float> value = first.Value(Vector512.FusedMultiplyAdd(Vector512.Load(x + i), a, b));
                    (other == null ? value : second.Value(value + Vector512.Load(other + i))).Store(y + i);
                }
            }
        }
    }

    /// <summary>
    /// The gradients above the batch norm: of the other operand, where something is added, and by channel the sums of dz and of dz (x - mean).
    /// Returns what the quantizers' scales get, each times its scale.
    /// </summary>
    public (double First, double Second) Above(float* x, float* other, float* dy, float* dOther, long rows, float[] mean, double[] sums, double[] products)
    {
        RoundToScale first = First, second = Second.GetValueOrDefault();
        int channels = Channels;
        double ofFirst = 0, ofSecond = 0;
        for (long row = 0; row < rows; row += BlockRows(channels))
        {
            long begin = row * channels, end = Math.Min(rows, row + BlockRows(channels)) * channels;
            Vector512<float> firstScale = default, secondScale = default;
            for (int c = 0; c < channels; c += Lanes)
            {
                Vector512<float> a = Vector512.Create(Factor, c), b = Vector512.Create(Offset, c), center = Vector512.Create(mean, c), sum = default, product = default;
                for (long i = begin + c; i < end; i += channels)
                {
                    Vector512<float> v = Vector512.Load(x + i), z = Vector512.FusedMultiplyAdd(v, a, b), above = Vector512.Load(dy + i), ds;
                    if (other != null)
                    {
                        (above, ds) = second.Gradient(first.Value(z) + Vector512.Load(other + i), above);
                        above.Store(dOther + i);
                        secondScale += ds;
                    }
                    (Vector512<float> dz, ds) = first.Gradient(z, above);
                    firstScale += ds;
                    sum += dz;
                    product = Vector512.FusedMultiplyAdd(dz, v - center, product);
                }
                AddTo(sums, c, sum);
                AddTo(products, c, product);
            }
            ofFirst += Vector512.Sum(firstScale);
            ofSecond += Vector512.Sum(secondScale);
        }
        return (ofFirst, ofSecond);
    }

    /// <summary>dx = a dz + constant + slope x, by channel, from the gradient above the first quantizer.</summary>
    public void Below(float* x, float* above, float* dx, long rows, float[] constant, float[] slope)
    {
        RoundToScale first = First;
        int channels = Channels;
        for (long row = 0; row < rows; row += BlockRows(channels))
        {
            long begin = row * channels, end = Math.Min(rows, row + BlockRows(channels)) * channels;
            for (int c = 0; c < channels; c += Lanes)
            {
                Vector512<float> a = Vector512.Create(Factor, c), b = Vector512.Create(Offset, c), k = Vector512.Create(constant, c), m = Vector512.Create(slope, c);
                for (long i = begin + c; i < end; i += channels)
                {
                    Vector512<float> v = Vector512.Load(x + i);
                    var (dz, _) = first.Gradient(Vector512.FusedMultiplyAdd(v, a, b), Vector512.Load(above + i));
                    Vector512.FusedMultiplyAdd(dz, a, Vector512.FusedMultiplyAdd(v, m, k)).Store(dx + i);
                }
            }
        }
    }

    /// <summary>z of one value.</summary>
    public float Normalized(float x, int channel) => MathF.FusedMultiplyAdd(x, Factor[channel], Offset[channel]);

    /// <summary>The values that the first quantizer takes (behind its ReLU), or with the other operand those that the second takes, as magnitudes to rank.</summary>
    public readonly struct Magnitudes(NormalizedRows rows, float* x, float* other, long count, bool relu) : IMagnitudes
    {
        readonly float floor = relu ? 0 : float.NegativeInfinity;

        public long Count => count;

        public int Granule => rows.Channels;

        /// <summary>One value.</summary>
        public float this[long index]
        {
            get
            {
                float z = rows.Normalized(x[index], (int)(index % rows.Channels));
                return Math.Max(other == null ? z : rows.First.Value(z) + other[index], floor);
            }
        }

        public float Largest(long begin, long part)
        {
            Vector512<float> largest = default;
            for (int c = 0; c < rows.Channels; c += Lanes)
            {
                ChannelGroup group = new(rows, c, floor);
                for (long i = begin + c; i < begin + part; i += rows.Channels) largest = Vector512.Max(largest, group.Magnitudes(x, other, i));
            }
            float result = 0;
            for (int lane = 0; lane < Lanes; lane++) result = Math.Max(result, largest[lane]);
            return result;
        }

        public void Write(long begin, Span<float> magnitudes)
        {
            for (int c = 0; c < rows.Channels; c += Lanes)
            {
                ChannelGroup group = new(rows, c, floor);
                for (int i = c; i < magnitudes.Length; i += rows.Channels) group.Magnitudes(x, other, begin + i).CopyTo(magnitudes[i..]);
            }
        }

        /// <summary>The channels that are computed side by side, from one on, of any row.</summary>
        readonly struct ChannelGroup(NormalizedRows rows, int channel, float floor)
        {
            readonly Vector512<float> a = Vector512.Create(rows.Factor, channel), b = Vector512.Create(rows.Offset, channel), bottom = Vector512.Create(floor);
            readonly RoundToScale first = rows.First;

            public Vector512<float> Magnitudes(float* x, float* other, long i)
            {
                Vector512<float> value = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), a, b);
                if (other != null) value = first.Value(value) + Vector512.Load(other + i);
                return Vector512.Abs(Vector512.Max(value, bottom));
            }
        }
    }

    static long BlockRows(int channels) => Math.Max(1, ValuesInABlock / channels);

    static void AddTo(double[] sums, int channel, Vector512<float> values)
    {
        for (int lane = 0; lane < Lanes; lane++) sums[channel + lane] += values[lane];
    }
}
