using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// Batch norm, ReLU, quantizer, and perhaps residual add, ReLU and quantizer, of float32 values on the CPU: y = round(relu(norm(x))) or round(relu(round(relu(norm(x))) + other)),
/// and perhaps y rounded to fewer bits beside it.
/// Forward two passes over memory, the statistics and the values, and one more for a quantizer whose scale is made of the batch; backward two. Only the
/// inputs are kept for it: all in between is computed once more. Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1 and its gradients.
/// </summary>
/// <typeparam name="T">What the quantizers compute.</typeparam>
sealed unsafe class FusedNormalizeFunction<T> : autograd.MultiTensorFunction<FusedNormalizeFunction<T>> where T : struct, IScaledLevels<T>
{
    public override string Name => nameof(FusedNormalize);

    /// <summary>The row's value in training, its scale, and its narrower value where there is a quantizer for that: the statistics are the batch's, and enter the running ones.</summary>
    public static (Tensor Value, Tensor Scale, Tensor? Narrow) Train(Tensor x, NormParameters norm, RowQuantizers quantizers, Tensor? other)
    {
        Tensor rows = DenseMemory.ChannelsLast(x);
        var made = new float[2];
        List<Tensor> values = apply(
            rows, norm.Weight, norm.Bias, quantizers.First.Scale, other is null ? null! : DenseMemory.InOrderOf(rows, other), quantizers.Second?.Scale!, quantizers.Narrow?.Scale!,
            norm, quantizers, made);
        ScaledRange last = quantizers.Last;
        return (values[0], last.Collecting is null ? last.Scale : tensor(made[quantizers.Second is null ? 0 : 1]), values.ElementAtOrDefault(1));
    }

    /// <summary>The same in evaluation, by the running statistics; without gradients.</summary>
    public static (Tensor Value, Tensor Scale, Tensor? Narrow) Evaluate(Tensor x, NormParameters norm, RowQuantizers quantizers, Tensor? other)
    {
        using var _ = no_grad();
        Tensor rows = DenseMemory.ChannelsLast(x);
        var statistics = new ChannelStatistics([.. norm.RunningMean.data<float>().Select(m => (double)m)], [.. norm.RunningVariance.data<float>().Select(v => (double)v)]);
        List<Tensor> values = Forward(rows, other is null ? null : DenseMemory.InOrderOf(rows, other), Affine(norm, statistics, rows) with
        {
            First = Levels(quantizers.First),
            Second = quantizers.Second is { } sum ? Levels(sum) : null,
            Narrow = quantizers.Narrow is { } narrow ? Levels(narrow) : null,
        });
        return (values[0], quantizers.Last.Scale, values.ElementAtOrDefault(1));
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, other, norm, quantizers, made) = ((Tensor)vars[0], (Tensor?)vars[4], (NormParameters)vars[7], (RowQuantizers)vars[8], (float[])vars[9]);
        ChannelStatistics statistics = ChannelStatistics.Of(x);
        statistics.EnterInto(norm, x.numel() / x.size(1));

        NormalizedRows<T> rows = Affine(norm, statistics, x);
        var (firstScale, firstElement) = ScaleOf(quantizers.First, rows, x, null);
        rows = rows with { First = Levels(quantizers.First, made[0] = firstScale), Narrow = quantizers.Narrow is { } narrow ? Levels(narrow) : null };
        BatchElement? secondElement = null;
        if (quantizers.Second is { } sum)
        {
            (made[1], secondElement) = ScaleOf(sum, rows, x, other);
            rows = rows with { Second = Levels(sum, made[1]) };
        }
        ctx.save_for_backward(other is null ? [x] : [x, other]);
        ctx.save_data("row", new Row(rows, statistics, norm.Epsilon, firstElement, secondElement));
        return Forward(x, other, rows);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor x = saved[0];
        using Tensor? other = saved.Count > 1 ? saved[1] : null;
        var row = (Row)ctx.get_data("row");
        NormalizedRows<T> rows = row.Rows;

        Tensor dy = DenseMemory.InOrderOf(x, grad_outputs[0]), dx = empty_like(x);
        Tensor? dNarrow = rows.Narrow is null ? null : DenseMemory.InOrderOf(x, grad_outputs[1]);
        Tensor? dFirstValue = other is null && dNarrow is null ? null : empty_like(x);   // without add and narrower values, dy
        float* values = DenseMemory.Pointer(x), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dx);
        float* operand = PointerOrNull(other), ofNarrow = PointerOrNull(dNarrow), inner = PointerOrNull(dFirstValue);

        int channels = row.Statistics.Mean.Length, width = rows.Factor.Length;
        double[] mean = row.Statistics.Mean;
        float[] center = rows.Center;
        RowSums[] parts = RowSums.ForParts(Workers.PartsFor(x.numel()), width);
        var scales = new (double First, double Second, double Narrow)[parts.Length];
        ForRows(x, width, (at, count, part) => scales[part] = rows.Above(
            values + at, OrNull(operand, at), above + at, OrNull(ofNarrow, at), OrNull(inner, at), count, parts[part]));
        var (sum, product) = RowSums.Total(parts, channels);
        double dFirst = scales.Sum(s => s.First) / rows.First.Scale, dSecond = rows.Second is { } sumOf ? scales.Sum(s => s.Second) / sumOf.Scale : 0;

        // Where a scale is made of one of the batch's values, its gradient goes into that value, and on through what lies below.
        if (row.Second is { } e)
        {
            float gradient = e.Gradient(dSecond), x0 = values[e.Index];
            inner[e.Index] += gradient;
            var (dz, ds) = rows.First.Gradient(rows.Normalized(x0, e.Index), gradient);
            dFirst += ds / rows.First.Scale;
            Add(e.Index, dz);
        }
        float ofFirst = row.First is { } f ? f.Gradient(dFirst) : 0;
        if (row.First is { } g) Add(g.Index, ofFirst);

        long n = x.numel() / channels;
        float[] constant = new float[channels], slope = new float[channels], dWeight = new float[channels], dBias = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            product[c] += sum[c] * (center[c] - mean[c]);   // from the sum of dz (x - center) to that of dz (x - mean)
            double inverse = 1 / Math.Sqrt(row.Statistics.Variance[c] + row.Epsilon), a = rows.Factor[c];
            double m = -a * inverse * inverse * product[c] / n;
            (slope[c], constant[c]) = ((float)m, (float)(-a * sum[c] / n + m * (center[c] - mean[c])));
            (dWeight[c], dBias[c]) = ((float)(product[c] * inverse), (float)sum[c]);
        }
        if (inner == null) inner = above;
        float[] wideConstant = RowLayout.Wide(constant, width), wideSlope = RowLayout.Wide(slope, width);
        ForRows(x, width, (at, count, _) => rows.Below(values + at, inner + at, below + at, count, wideConstant, wideSlope));
        if (row.First is { } h) below[h.Index] += rows.Factor[h.Index % channels] * ofFirst;

        if (!ReferenceEquals(dy, grad_outputs[0])) dy.Dispose();
        if (dNarrow is not null && !ReferenceEquals(dNarrow, grad_outputs[1])) dNarrow.Dispose();
        if (other is null) dFirstValue?.Dispose();
        List<Tensor> gradients =
        [
            dx, tensor(dWeight), tensor(dBias), tensor((float)dFirst), other is null ? null! : dFirstValue!, rows.Second is null ? null! : tensor((float)dSecond),
            rows.Narrow is { } last ? tensor((float)(scales.Sum(s => s.Narrow) / last.Scale)) : null!, null!, null!, null!,
        ];
        return GradientRelease.Of(gradients, grad_outputs);

        void Add(long index, float dz)
        {
            sum[index % channels] += dz;
            product[index % channels] += dz * (double)(values[index] - center[index % channels]);
        }
    }

    /// <summary>The scale of a quantizer, and the value of the batch that it is made of, if it is made of one.</summary>
    static (float Scale, BatchElement? Element) ScaleOf(ScaledRange quantizer, NormalizedRows<T> rows, Tensor x, Tensor? other)
    {
        if (quantizer.Collecting is not { } threshold) return (DenseMemory.Single(quantizer.Scale), null);
        var candidates = new NormalizedRows<T>.Magnitudes(rows, DenseMemory.Pointer(x), other is null ? null : DenseMemory.Pointer(other), x.numel(), quantizer.Relu);
        var (magnitude, index) = threshold.Of(candidates);
        float scale = threshold.Collect(magnitude);
        return (scale, index >= 0 && magnitude > 0 && scale == magnitude / threshold.Divisor ? new(index, MathF.Sign(candidates[index]), threshold.Divisor) : null);
    }

    static T Levels(ScaledRange quantizer) => Levels(quantizer, DenseMemory.Single(quantizer.Scale));

    static T Levels(ScaledRange quantizer, float scale) => T.Create(scale, quantizer.Range, quantizer.Relu);

    static List<Tensor> Forward(Tensor x, Tensor? other, NormalizedRows<T> rows)
    {
        Tensor y = empty_like(x);
        Tensor? narrow = rows.Narrow is null ? null : empty_like(x);
        float* from = DenseMemory.Pointer(x), operand = PointerOrNull(other), to = DenseMemory.Pointer(y), narrowTo = PointerOrNull(narrow);
        ForRows(x, rows.Factor.Length, (at, count, _) => rows.Forward(from + at, OrNull(operand, at), to + at, OrNull(narrowTo, at), count));
        return narrow is null ? [y] : [y, narrow];
    }

    static float* PointerOrNull(Tensor? values) => values is null ? null : DenseMemory.Pointer(values);

    static float* OrNull(float* values, long at) => values == null ? null : values + at;

    /// <summary>norm(x) = a (x - m) + b with a = weight / sqrt(variance + epsilon), m the mean in float32, and b = bias but for what that is off.</summary>
    internal static NormalizedRows<T> Affine(NormParameters norm, ChannelStatistics statistics, Tensor x)
    {
        float[] factor = norm.Weight.data<float>().ToArray(), offset = norm.Bias.data<float>().ToArray(), center = [.. statistics.Mean.Select(mean => (float)mean)];
        for (int c = 0; c < factor.Length; c++)
        {
            factor[c] = (float)(factor[c] / Math.Sqrt(statistics.Variance[c] + norm.Epsilon));
            offset[c] = (float)(offset[c] - factor[c] * (statistics.Mean[c] - center[c]));
        }
        int width = RowLayout.WidthFor(x.numel(), factor.Length);
        return new() { Center = RowLayout.Wide(center, width), Factor = RowLayout.Wide(factor, width), Offset = RowLayout.Wide(offset, width) };
    }

    static void ForRows(Tensor x, int width, Workers.Part work) => Workers.Run(x.numel(), width, Workers.PartsFor(x.numel()), work);

    /// <summary>What backward needs, beside the inputs.</summary>
    sealed record Row(NormalizedRows<T> Rows, ChannelStatistics Statistics, double Epsilon, BatchElement? First, BatchElement? Second);

    /// <summary>The value of a batch whose magnitude is the threshold of a scale.</summary>
    sealed record BatchElement(long Index, int Sign, int Divisor)
    {
        /// <summary>Its gradient from the scale's.</summary>
        public float Gradient(double dScale) => (float)(dScale * Sign / Divisor);
    }
}
