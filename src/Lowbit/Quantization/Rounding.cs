using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// What every quantizer does with its scale: <c>y = s * (clamp(round(x / s + z), low, high) - z)</c>, sign instead of round for binary ranges.
/// Plain torch operations: the reference for every faster form, one of which is taken elsewhere than on the CPU (<see cref="ComposedQuantize"/>).
/// </summary>
public static class Rounding
{
    /// <summary>
    /// With the gradient passing outside the range too, as weights have it:
    /// dy/dx = 1 and dy/ds = q - z - x/s everywhere.
    /// </summary>
    public static Tensor QuantizeStraightThrough(Tensor x, Tensor scale, Tensor? zeroPoint, IntegerRange range)
    {
        if (ComposedQuantize.Takes(x, zeroPoint)) return ComposedQuantize.Quantize(x, scale, range, isClipped: false);
        Tensor levels = Levels(x, scale, zeroPoint);
        Tensor integers = range.IsBinary
            ? StraightThrough.Sign(levels)
            : StraightThrough.Clamp(StraightThrough.Round(levels), range.Low, range.High);
        return Dequantize(integers, scale, zeroPoint);
    }

    /// <summary>
    /// With the gradient cut outside the range, as activations have it:
    /// inside dy/dx = 1 and dy/ds = q - z - x/s, outside dy/dx = 0 and dy/ds = q - z.
    /// </summary>
    public static Tensor QuantizeStraightThroughClipped(Tensor x, Tensor scale, Tensor? zeroPoint, IntegerRange range)
    {
        if (ComposedQuantize.Takes(x, zeroPoint)) return ComposedQuantize.Quantize(x, scale, range, isClipped: true);
        Tensor levels = Levels(x, scale, zeroPoint);
        Tensor integers = range.IsBinary
            ? StraightThrough.Sign(levels.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High)))
            : StraightThrough.Round(levels).clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));
        return Dequantize(integers, scale, zeroPoint);
    }

    static Tensor Levels(Tensor x, Tensor scale, Tensor? zeroPoint) => zeroPoint is null ? x / scale : (x / scale).add(zeroPoint, alpha: CachedScalar.Of(1));

    static Tensor Dequantize(Tensor integers, Tensor scale, Tensor? zeroPoint) => (zeroPoint is null ? integers : integers - zeroPoint) * scale;
}
