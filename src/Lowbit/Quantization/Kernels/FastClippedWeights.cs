using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// <see cref="Rounding.QuantizeStraightThroughClipped"/> of weights with one scale or one for each output channel, which is given and takes a gradient; for float32 on
/// the CPU.
/// </summary>
sealed unsafe class FastClippedWeights : autograd.SingleTensorFunction<FastClippedWeights>
{
    public override string Name => nameof(FastClippedWeights);

    /// <summary>The quantized weights.</summary>
    public static Tensor Quantize(Tensor w, Tensor scale, IntegerRange range) => apply(w, scale, range);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (w, scale, range) = ((Tensor)vars[0], (Tensor)vars[1], (IntegerRange)vars[2]);
        ctx.save_for_backward([w, scale]);
        ctx.save_data("range", range);
        Tensor y = empty_like(w);
        float* from = DenseMemory.Pointer(w), to = DenseMemory.Pointer(y), scales = DenseMemory.Pointer(scale);
        WeightChannels.ForEach(w.numel(), (int)scale.numel(), (at, count, channel) => new WeightLevels(scales[channel], range).Forward(from + at, to + at, count));
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor w = saved[0], scale = saved[1];
        var range = (IntegerRange)ctx.get_data("range");
        Tensor dy = DenseMemory.InOrderOf(w, grad_output), dw = empty_like(w), ds = empty_like(scale);
        float* weights = DenseMemory.Pointer(w), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dw);
        float* scales = DenseMemory.Pointer(scale), scaleGradients = DenseMemory.Pointer(ds);
        WeightChannels.ForEach(w.numel(), (int)scale.numel(), (at, count, channel) =>
            scaleGradients[channel] = (float)new WeightLevels(scales[channel], range).BackwardClipped(weights + at, above + at, below + at, count));
        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        return GradientRelease.Of([dw, ds, null!], grad_output);
    }
}
