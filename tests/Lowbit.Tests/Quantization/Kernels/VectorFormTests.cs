using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization.Kernels;

/// <summary>Every operator gives in vectors, and in what is left behind the last whole one, what its scalar form gives, value by value.</summary>
public class VectorFormTests
{
    public static TheoryData<int, bool, bool> Ranges =>
        [.. from bits in new[] { 1, 2, 4, 8 } from signed in new[] { false, true } from relu in new[] { false, true } select (bits, signed, relu)];

    [Theory, MemberData(nameof(Ranges))]
    public void Activations_are_rounded_alike_at_every_length(int bits, bool signed, bool relu)
    {
        IntegerRange range = RangeOf(bits, signed);
        if (range.IsBinary) AtEveryLength(SignTimesScale.Create(0.37f, range, relu));
        else AtEveryLength(RoundToScale.Create(0.37f, range, relu));
    }

    [Theory, MemberData(nameof(Ranges))]
    public unsafe void Weights_are_rounded_alike_at_every_length(int bits, bool signed, bool narrow)
    {
        var levels = new WeightLevels(narrow ? 0.11f : 0.37f, RangeOf(bits, signed));
        for (int count = 0; count <= 100; count++)
        {
            float[] w = Values(count), dy = Values(count + 1), together = new float[count + 1], single = new float[count + 1];
            double ds = 0;
            fixed (float* from = w, above = dy, to = together, each = single)
            {
                levels.Forward(from, to, count);
                for (int i = 0; i < count; i++)
                {
                    levels.Forward(from + i, each + i, 1);
                    ds += levels.Backward(from + i, above + i, 1);
                }
                Assert.Equal(ds, levels.Backward(from, above, count), 1e-4);
            }
            Assert.Equal(single, together);
        }
    }

    static unsafe void AtEveryLength<T>(T levels) where T : struct, IScaledLevels<T>
    {
        for (int count = 0; count <= 100; count++)
        {
            float[] x = Values(count), dy = Values(count + 1)[..count];
            float[] y = new float[count], dx = new float[count];
            double ds;
            fixed (float* from = x, above = dy, to = y, below = dx)
            {
                FastQuantizeFunction<T>.Forward(levels, from, to, count);
                ds = FastQuantizeFunction<T>.Backward(levels, from, above, below, count);
            }
            Assert.Equal(x.Select(levels.Value), y);
            Assert.Equal(x.Zip(dy, (value, above) => levels.Gradient(value, above).Dx), dx);
            Assert.Equal(x.Zip(dy, (value, above) => (double)levels.Gradient(value, above).Ds).Sum() / levels.Scale, ds, 1e-4);
        }
    }

    static IntegerRange RangeOf(int bits, bool signed) => signed ? IntegerRange.Signed(bits) : IntegerRange.Unsigned(bits);

    static float[] Values(int count)
    {
        if (count == 0) return [];
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)count);
        return [.. (randn([count], generator: chance).mul(CachedScalar.Of(2))).data<float>()];
    }
}
