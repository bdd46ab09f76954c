using System.Numerics.Tensors;
using Lowbit.Graphs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// <see cref="WeightQuantization"/> with scales that are the largest or the mean magnitude, for float32 on the CPU: the statistic and the values of a channel while it is
/// in the cache, and the gradient of both in one pass.
/// </summary>
sealed unsafe class FastWeights : autograd.SingleTensorFunction<FastWeights>
{
    const float Smallest = 1e-10f;

    public override string Name => nameof(FastWeights);

    /// <summary>Whether the kernel can take these weights.</summary>
    public static bool Takes(Tensor w, WeightQuantizer quantizer) => quantizer.Scale is WeightScale.MaxAbs or WeightScale.MeanAbs && DenseMemory.IsDense(w);

    /// <summary>The quantized weights, and their scale, to which no gradient goes.</summary>
    public static QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer)
    {
        long channels = quantizer.PerChannel ? w.size(0) : 1;
        var scales = new float[channels];
        Tensor y = apply(w, quantizer, scales);
        Tensor scale = quantizer.PerChannel ? tensor(scales, [channels, .. Enumerable.Repeat(1L, (int)w.dim() - 1)]) : tensor(scales[0]);
        return new(y, scale, null, quantizer.BitWidth);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (w, quantizer, scales) = ((Tensor)vars[0], (WeightQuantizer)vars[1], (float[])vars[2]);
        ctx.save_for_backward([w]);
        ctx.save_data("quantizer", quantizer);
        ctx.save_data("scales", scales);
        Tensor y = empty_like(w);
        float* from = DenseMemory.Pointer(w), to = DenseMemory.Pointer(y);
        ForChannels(w, scales.Length, (at, count, channel) =>
        {
            var weights = new ReadOnlySpan<float>(from + at, (int)count);
            float statistic = quantizer.Scale == WeightScale.MaxAbs
                ? MathF.Abs(TensorPrimitives.MaxMagnitude(weights))
                : (float)(SumOfMagnitudes(weights) / count);
            scales[channel] = Math.Max(statistic, Smallest) / quantizer.Range.High;
            new WeightLevels(scales[channel], quantizer.Range).Forward(from + at, to + at, count);
        });
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using Tensor w = ctx.get_saved_variables()[0];
        var (quantizer, scales) = ((WeightQuantizer)ctx.get_data("quantizer"), (float[])ctx.get_data("scales"));
        Tensor dy = DenseMemory.InOrderOf(w, grad_output), dw = empty_like(w);
        float* weights = DenseMemory.Pointer(w), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dw);
        ForChannels(w, scales.Length, (at, count, channel) =>
        {
            float ds = (float)(new WeightLevels(scales[channel], quantizer.Range).Backward(weights + at, above + at, count) / quantizer.Range.High);
            new ReadOnlySpan<float>(above + at, (int)count).CopyTo(new Span<float>(below + at, (int)count));
            if (scales[channel] * quantizer.Range.High > Smallest) AddStatistic(new(weights + at, (int)count), new(below + at, (int)count), ds, quantizer);
        });
        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        return Handover.Of([dw, null!, null!], grad_output);
    }

    /// <summary>
    /// Adds the gradient that goes through the statistic: the mean's to every weight by its sign; the maximum's to the first weight that is it or, where the maximum is
    /// that of a whole tensor, to all that are it in equal shares.
    /// </summary>
    static void AddStatistic(ReadOnlySpan<float> w, Span<float> dw, float ds, WeightQuantizer quantizer)
    {
        if (quantizer.Scale == WeightScale.MeanAbs)
        {
            for (int i = 0; i < w.Length; i++) dw[i] += MathF.Sign(w[i]) * (ds / w.Length);
            return;
        }
        int first = TensorPrimitives.IndexOfMaxMagnitude(w);
        float largest = MathF.Abs(w[first]);
        if (quantizer.PerChannel)
        {
            dw[first] += MathF.Sign(w[first]) * ds;
            return;
        }
        int equals = 0;
        foreach (float value in w) equals += MathF.Abs(value) == largest ? 1 : 0;
        for (int i = 0; i < w.Length; i++)
            if (MathF.Abs(w[i]) == largest) dw[i] += MathF.Sign(w[i]) * (ds / equals);
    }

    /// <summary>Sums of floats over blocks, and of doubles over these: whole tensors are too long for sums of floats.</summary>
    static double SumOfMagnitudes(ReadOnlySpan<float> w)
    {
        const int Block = 512;
        double sum = 0;
        for (; w.Length > Block; w = w[Block..]) sum += TensorPrimitives.SumOfMagnitudes(w[..Block]);
        return sum + TensorPrimitives.SumOfMagnitudes(w);
    }

    delegate void Channel(long at, long count, int channel);

    static void ForChannels(Tensor w, int channels, Channel work)
    {
        long count = w.numel() / channels;
        Workers.Run(channels, 1, Math.Min(channels, Workers.PartsFor(w.numel())), (first, length, _) =>
        {
            for (long channel = first; channel < first + length; channel++) work(channel * count, count, (int)channel);
        });
    }
}
