using System.Runtime.Intrinsics;
using Lowbit.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary><see cref="Rounding.QuantizeStraightThroughClipped"/> with one scale and no zero point, for float32 on the CPU.</summary>
static class FastQuantize
{
    /// <summary>Quantizes x to multiples of a scale of one value.</summary>
    public static Tensor Quantize(Tensor x, Tensor scale, IntegerRange range) => Quantize(x, scale, range, element: -1, divisor: 0);

    /// <summary>The same with a scale that is |x[element]| / divisor, to which the scale's gradient goes.</summary>
    /// <param name="x">The values.</param>
    /// <param name="scale">The scale, one value without a gradient of its own.</param>
    /// <param name="range">The integers.</param>
    /// <param name="element">Where in memory the element is that the scale was made from; less than 0 where it was made of none.</param>
    /// <param name="divisor">What it was divided by.</param>
    public static Tensor Quantize(Tensor x, Tensor scale, IntegerRange range, long element, double divisor) => range.IsBinary
        ? FastQuantizeFunction<SignTimesScale>.apply(x, scale, range, element, divisor)
        : FastQuantizeFunction<RoundToScale>.apply(x, scale, range, element, divisor);
}

/// <summary>One pass forward, which keeps only what the network has anyway (its input), and one pass backward.</summary>
/// <typeparam name="T">What the quantizer computes.</typeparam>
sealed unsafe class FastQuantizeFunction<T> : autograd.SingleTensorFunction<FastQuantizeFunction<T>> where T : struct, IScaledLevels<T>
{
    public override string Name => nameof(FastQuantize);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, scale, range) = ((Tensor)vars[0], (Tensor)vars[1], (IntegerRange)vars[2]);
        ctx.save_for_backward([x, scale]);
        ctx.save_data("range", range);
        ctx.save_data("element", vars[3]);
        ctx.save_data("divisor", vars[4]);
        Tensor y = empty_like(x);
        float* from = DenseMemory.Pointer(x), to = DenseMemory.Pointer(y);
        T levels = T.Create(DenseMemory.Single(scale), range, relu: false);
        Workers.Run(x.numel(), 1024, Workers.PartsFor(x.numel()), (first, count, _) => Forward(levels, from + first, to + first, count));
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor x = saved[0], scale = saved[1];
        var range = (IntegerRange)ctx.get_data("range");
        long element = (long)ctx.get_data("element");
        Tensor dy = DenseMemory.InOrderOf(x, grad_output), dx = empty_like(x);
        float* values = DenseMemory.Pointer(x), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dx);
        T levels = T.Create(DenseMemory.Single(scale), range, relu: false);
        int parts = Workers.PartsFor(x.numel());
        var sums = new double[parts];
        Workers.Run(x.numel(), 1024, parts, (first, count, part) =>
            sums[part] = Backward(levels, values + first, above + first, below + first, count));
        double ds = sums.Sum();
        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        if (element >= 0)
        {
            below[element] += (float)(ds * MathF.Sign(values[element]) / (double)ctx.get_data("divisor"));
            return GradientRelease.Of([dx, null!, null!, null!, null!], grad_output);
        }
        using Scalar gradient = ds.ToScalar();
        return GradientRelease.Of([dx, full(scale.shape, gradient, scale.dtype), null!, null!, null!], grad_output);
    }

    /// <summary>y from x.</summary>
    internal static void Forward(T levels, float* x, float* y, long count)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count) levels.Value(Vector512.Load(x + i)).Store(y + i);
        for (; i < count; i++) y[i] = levels.Value(x[i]);
    }

    /// <summary>dx from x and dy; returns ds.</summary>
    internal static double Backward(T levels, float* x, float* dy, float* dx, long count)
    {
        const long Block = 4096;   // sums of floats stay exact enough over this many
        double sum = 0;
        for (long first = 0; first < count; first += Block) sum += BackwardBlock(levels, x + first, dy + first, dx + first, Math.Min(Block, count - first));
        return sum / levels.Scale;
    }

    static double BackwardBlock(T levels, float* x, float* dy, float* dx, long count)
    {
        long i = 0;
        Vector512<float> sum = Vector512<float>.Zero;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var (below, ds) = levels.Gradient(Vector512.Load(x + i), Vector512.Load(dy + i));
            below.Store(dx + i);
            sum += ds;
        }
        double total = Vector512.Sum(sum);
        for (; i < count; i++)
        {
            (dx[i], float ds) = levels.Gradient(x[i], dy[i]);
            total += ds;
        }
        return total;
    }
}
