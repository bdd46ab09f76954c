using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>
/// Batch norm, ReLU, quantizer, and perhaps residual add, ReLU and quantizer, of float32 values on the CPU: y = round(relu(norm(x))) or round(relu(round(relu(norm(x))) + other)).
/// Forward two passes over memory, the statistics and the values, and one more for a quantizer whose scale is made of the batch; backward two. Only the
/// inputs are kept for it: all in between is computed once more. Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1 and its gradients.
/// </summary>
/// <typeparam name="T">What the quantizers compute.</typeparam>
sealed unsafe class FusedNormalizeFunction<T> : autograd.SingleTensorFunction<FusedNormalizeFunction<T>> where T : struct, IScaledLevels<T>
{
    public override string Name => nameof(FusedNormalize);

    /// <summary>The row's value in training, and its scale: the statistics are the batch's, and enter the running ones.</summary>
    public static (Tensor Value, Tensor Scale) Train(Tensor x, NormParameters norm, ScaledRange first, Tensor? other, ScaledRange? second)
    {
        Tensor rows = DenseMemory.ChannelsLast(x);
        var made = new float[2];
        Tensor value = other is not null && second is { } sum
            ? apply(rows, norm.Weight, norm.Bias, first.Scale, norm, first, made, DenseMemory.InOrderOf(rows, other), sum.Scale, sum)
            : apply(rows, norm.Weight, norm.Bias, first.Scale, norm, first, made);
        ScaledRange last = second ?? first;
        return (value, last.Collecting is null ? last.Scale : tensor(made[second is null ? 0 : 1]));
    }

    /// <summary>The row's value in evaluation, by the running statistics; without gradients.</summary>
    public static Tensor Evaluate(Tensor x, NormParameters norm, ScaledRange first, Tensor? other, ScaledRange? second)
    {
        using var _ = no_grad();
        Tensor rows = DenseMemory.ChannelsLast(x);
        var statistics = new ChannelStatistics([.. norm.RunningMean.data<float>().Select(m => (double)m)], [.. norm.RunningVariance.data<float>().Select(v => (double)v)]);
        return Forward(rows, other is null ? null : DenseMemory.InOrderOf(rows, other), Affine(norm, statistics, rows) with
        {
            First = Levels(first, DenseMemory.Single(first.Scale)),
            Second = second is { } sum ? Levels(sum, DenseMemory.Single(sum.Scale)) : null,
        });
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, norm, first, made) = ((Tensor)vars[0], (NormParameters)vars[4], (ScaledRange)vars[5], (float[])vars[6]);
        var (other, second) = vars.Length > 7 ? ((Tensor)vars[7], (ScaledRange)vars[9]) : ((Tensor?)null, (ScaledRange?)null);
        ChannelStatistics statistics = ChannelStatistics.Of(x);
        statistics.EnterInto(norm, x.numel() / x.size(1));

        NormalizedRows<T> rows = Affine(norm, statistics, x);
        var (firstScale, firstElement) = ScaleOf(first, rows, x, null);
        rows = rows with { First = Levels(first, made[0] = firstScale) };
        BatchElement? secondElement = null;
        if (second is { } sum)
        {
            (made[1], secondElement) = ScaleOf(sum, rows, x, other);
            rows = rows with { Second = Levels(sum, made[1]) };
        }
        ctx.save_for_backward(other is null ? [x] : [x, other]);
        ctx.save_data("row", new Row(rows, statistics, norm.Epsilon, firstElement, secondElement));
        return Forward(x, other, rows);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor x = saved[0];
        using Tensor? other = saved.Count > 1 ? saved[1] : null;
        var row = (Row)ctx.get_data("row");
        NormalizedRows<T> rows = row.Rows;

        Tensor dy = DenseMemory.InOrderOf(x, grad_output), dx = empty_like(x);
        Tensor? dOther = other is null ? null : empty_like(x);
        float* values = DenseMemory.Pointer(x), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dx);
        float* operand = other is null ? null : DenseMemory.Pointer(other), dOperand = dOther is null ? null : DenseMemory.Pointer(dOther);

        int channels = row.Statistics.Mean.Length, width = rows.Factor.Length;
        double[] mean = row.Statistics.Mean;
        float[] center = rows.Center;
        RowSums[] parts = RowSums.ForParts(Workers.PartsFor(x.numel()), width);
        var scales = new (double First, double Second)[parts.Length];
        ForRows(x, width, (at, count, part) => scales[part] = rows.Above(
            values + at, operand == null ? null : operand + at, above + at, dOperand == null ? null : dOperand + at, count, parts[part]));
        var (sum, product) = RowSums.Total(parts, channels);
        double dFirst = scales.Sum(s => s.First) / rows.First.Scale, dSecond = rows.Second is { } last ? scales.Sum(s => s.Second) / last.Scale : 0;

        // Where a scale is made of one of the batch's values, its gradient goes into that value, and on through what lies below.
        if (row.Second is { } e)
        {
            float gradient = e.Gradient(dSecond), x0 = values[e.Index];
            dOperand[e.Index] += gradient;
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
        float* inner = dOperand == null ? above : dOperand;
        float[] wideConstant = RowLayout.Wide(constant, width), wideSlope = RowLayout.Wide(slope, width);
        ForRows(x, width, (at, count, _) => rows.Below(values + at, inner + at, below + at, count, wideConstant, wideSlope));
        if (row.First is { } h) below[h.Index] += rows.Factor[h.Index % channels] * ofFirst;

        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        List<Tensor> gradients = [dx, tensor(dWeight), tensor(dBias), tensor((float)dFirst), null!, null!, null!];
        if (dOther is not null) gradients.AddRange([dOther, tensor((float)dSecond), null!]);
        return GradientRelease.Of(gradients, grad_output);

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

    static T Levels(ScaledRange quantizer, float scale) => T.Create(scale, quantizer.Range, quantizer.Relu);

    static Tensor Forward(Tensor x, Tensor? other, NormalizedRows<T> rows)
    {
        Tensor y = empty_like(x);
        float* from = DenseMemory.Pointer(x), operand = other is null ? null : DenseMemory.Pointer(other), to = DenseMemory.Pointer(y);
        ForRows(x, rows.Factor.Length, (at, count, _) => rows.Forward(from + at, operand == null ? null : operand + at, to + at, count));
        return y;
    }

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
