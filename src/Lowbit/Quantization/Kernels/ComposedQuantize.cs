using Lowbit.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// <see cref="Rounding"/> without a zero point, its gradient written out: ten torch operations forward and backward where the gradient is cut outside the range, for the
/// reference's nineteen, and else seven for fourteen. For devices to which an operation takes longer to be given than to be done, as a GPU with small networks.
/// </summary>
sealed class ComposedQuantize : autograd.SingleTensorFunction<ComposedQuantize>
{
    public override string Name => nameof(ComposedQuantize);

    /// <summary>Whether it is faster than the reference: elsewhere than on the CPU, which has kernels.</summary>
    public static bool Takes(Tensor x, Tensor? zeroPoint) => zeroPoint is null && x.device_type != DeviceType.CPU;

    /// <summary>Quantizes x to multiples of its scale.</summary>
    /// <param name="x">The values.</param>
    /// <param name="scale">Their scale, of a shape that broadcasts to theirs.</param>
    /// <param name="range">The integers.</param>
    /// <param name="isClipped">Whether the gradient is cut outside the range.</param>
    public static Tensor Quantize(Tensor x, Tensor scale, IntegerRange range, bool isClipped)
    {
        if (is_grad_enabled()) return apply(x, scale, range, isClipped);
        Tensor levels = x / scale;
        return Integers(levels, Rounded(levels, range), range) * scale;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, scale, range, isClipped) = ((Tensor)vars[0], (Tensor)vars[1], (IntegerRange)vars[2], (bool)vars[3]);
        Tensor levels = x / scale, rounded = Rounded(levels, range), integers = Integers(levels, rounded, range);
        if (isClipped)
        {
            Tensor isInside = rounded.eq(range.IsBinary ? levels : integers);
            ctx.save_for_backward([scale, integers - levels * isInside, isInside]);
        }
        else
        {
            ctx.save_for_backward([scale, integers - levels]);
        }
        return integers * scale;
    }

    /// <summary>dy/ds = q - x/s inside the range, outside too or q; dy/dx = 1 inside the range, outside too or 0.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor scale = saved[0], perScale = saved[1], terms = grad_output * perScale;
        Tensor ds = Sum(terms, scale.shape);
        if (saved.Count == 2) return GradientRelease.Of([grad_output, ds, null!, null!]);
        using Tensor isInside = saved[2];
        return GradientRelease.Of([grad_output * isInside, ds, null!, null!], grad_output);
    }

    /// <summary>What is compared to see whether a value is inside the range: the nearest integer, or at 1 bit the value kept within -1..1.</summary>
    static Tensor Rounded(Tensor levels, IntegerRange range) => range.IsBinary ? levels.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High)) : levels.round();

    static Tensor Integers(Tensor levels, Tensor rounded, IntegerRange range) => range.IsBinary
        ? levels.ge(CachedScalar.Of(0)).to(levels.dtype).mul_(CachedScalar.Of(2)).sub_(CachedScalar.Of(1))
        : rounded.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));

    /// <summary>Sums over the dimensions along which a scale was broadcast.</summary>
    static Tensor Sum(Tensor terms, long[] shape)
    {
        int more = (int)terms.dim() - shape.Length;
        long[] dimensions = [.. Enumerable.Range(0, (int)terms.dim()).Where(dimension => dimension < more || shape[dimension - more] == 1).Select(dimension => (long)dimension)];
        using Tensor sum = dimensions.Length == terms.dim() ? terms.sum() : dimensions.Length == 0 ? terms.alias() : terms.sum(dimensions, keepdim: true);
        return sum.view(shape);
    }
}
