using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>A statistic of weights that makes their scale.</summary>
interface IWeightStatistic
{
    /// <summary>The statistic of one channel, or of a whole tensor.</summary>
    static abstract float Of(ReadOnlySpan<float> w);

    /// <summary>Adds the gradient that goes through the statistic.</summary>
    static abstract void AddGradient(ReadOnlySpan<float> w, Span<float> dw, float gradient, bool perChannel);
}

/// <summary>
/// Weights whose scale is a statistic of them over a constant, for float32 on the CPU: the statistic and the values of a channel while it is in the cache, and
/// the gradient of both in one pass.
/// </summary>
/// <typeparam name="T">The statistic.</typeparam>
sealed unsafe class FastWeights<T> : autograd.SingleTensorFunction<FastWeights<T>> where T : struct, IWeightStatistic
{
    const float Smallest = (float)Weights.WeightStatistics.Smallest;

    public override string Name => nameof(FastWeights<>);

    /// <summary>The quantized weights, and their scale, to which no gradient goes.</summary>
    /// <param name="w">Weights [output channels, ...].</param>
    /// <param name="quantizer">The bit width, and whether each channel has its own scale.</param>
    /// <param name="divisor">What the statistic is divided by to be the scale; null for the highest level.</param>
    public static QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, float? divisor = null)
    {
        long channels = quantizer.PerChannel ? w.size(0) : 1;
        var scales = new float[channels];
        Tensor y = apply(w, quantizer, scales, divisor ?? quantizer.Range.High);
        Tensor scale = quantizer.PerChannel ? tensor(scales, [channels, .. Enumerable.Repeat(1L, (int)w.dim() - 1)]) : tensor(scales[0]);
        return new(y, scale, null, quantizer.BitWidth);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (w, quantizer, scales, divisor) = ((Tensor)vars[0], (WeightQuantizer)vars[1], (float[])vars[2], (float)vars[3]);
        ctx.save_for_backward([w]);
        ctx.save_data("quantizer", quantizer);
        ctx.save_data("scales", scales);
        ctx.save_data("divisor", divisor);
        Tensor y = empty_like(w);
        float* from = DenseMemory.Pointer(w), to = DenseMemory.Pointer(y);
        WeightChannels.ForEach(w.numel(), scales.Length, (at, count, channel) =>
        {
            var weights = new ReadOnlySpan<float>(from + at, (int)count);
            scales[channel] = Math.Max(T.Of(weights), Smallest) / divisor;
            new WeightLevels(scales[channel], quantizer.Range).Forward(from + at, to + at, count);
        });
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using Tensor w = ctx.get_saved_variables()[0];
        var (quantizer, scales, divisor) = ((WeightQuantizer)ctx.get_data("quantizer"), (float[])ctx.get_data("scales"), (float)ctx.get_data("divisor"));
        Tensor dy = DenseMemory.InOrderOf(w, grad_output), dw = empty_like(w);
        float* weights = DenseMemory.Pointer(w), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dw);
        WeightChannels.ForEach(w.numel(), scales.Length, (at, count, channel) =>
        {
            float ds = (float)(new WeightLevels(scales[channel], quantizer.Range).Backward(weights + at, above + at, count) / divisor);
            new ReadOnlySpan<float>(above + at, (int)count).CopyTo(new Span<float>(below + at, (int)count));
            if (scales[channel] * divisor > Smallest) T.AddGradient(new(weights + at, (int)count), new(below + at, (int)count), ds, quantizer.PerChannel);
        });
        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        return GradientRelease.Of([dw, null!, null!, null!], grad_output);
    }
}
