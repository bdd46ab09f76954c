using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Kernels;

/// <summary>The scale of a quantizer, one value, and its integers.</summary>
readonly record struct ScaledRange(Tensor Scale, IntegerRange Range, bool Relu)
{
    /// <summary>Whether a kernel can round to it.</summary>
    public bool IsSimple => Scale.dim() == 0 && Scale.device_type == TorchSharp.DeviceType.CPU && !Range.IsBinary;

    public RoundToScale Rounding => new(DenseMemory.Single(Scale), Range.Low, Range.High, Relu);
}

/// <summary>The parameters of a batch norm, float32 [channels].</summary>
readonly record struct NormParameters(Tensor Weight, Tensor Bias, Tensor RunningMean, Tensor RunningVariance, double Momentum, double Epsilon);

/// <summary>
/// Batch norm, ReLU, quantizer, and perhaps residual add, ReLU and quantizer, of float32 values on the CPU: y = round(relu(norm(x))) or round(relu(round(relu(norm(x))) + other)).
/// Forward two passes over memory, the statistics and the values; backward two as well. Only the inputs are kept for it: all in between is computed once more.
/// Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1 and its gradients.
/// </summary>
sealed unsafe class FusedNormalize : autograd.SingleTensorFunction<FusedNormalize>
{
    public override string Name => nameof(FusedNormalize);

    /// <summary>Whether the kernel can take these values.</summary>
    public static bool Takes(Tensor x, Tensor? other, ScaledRange first, ScaledRange? second) =>
        first.IsSimple && (second is not { } s || s.IsSimple)
        && x.size(1) % NormalizedRows.Lanes == 0 && DenseMemory.IsDense(x) && (other is null || DenseMemory.IsDense(other));

    /// <summary>The row's value in training: the statistics are the batch's, and enter the running ones.</summary>
    public static Tensor Train(Tensor x, NormParameters norm, ScaledRange first, Tensor? other = null, ScaledRange? second = null)
    {
        Tensor rows = DenseMemory.ChannelsLast(x);
        return other is not null && second is { } sum
            ? apply(rows, norm.Weight, norm.Bias, first.Scale, norm, first, DenseMemory.InOrderOf(rows, other), sum.Scale, sum)
            : apply(rows, norm.Weight, norm.Bias, first.Scale, norm, first);
    }

    /// <summary>The row's value in evaluation, by the running statistics; without gradients.</summary>
    public static Tensor Evaluate(Tensor x, NormParameters norm, ScaledRange first, Tensor? other = null, ScaledRange? second = null)
    {
        using var _ = no_grad();
        Tensor rows = DenseMemory.ChannelsLast(x);
        var statistics = new ChannelStatistics(norm.RunningMean.data<float>().ToArray(), [.. norm.RunningVariance.data<float>().Select(v => (double)v)]);
        return Forward(rows, other is null ? null : DenseMemory.InOrderOf(rows, other), Rows(norm, statistics, first, second));
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, norm, first) = ((Tensor)vars[0], (NormParameters)vars[4], (ScaledRange)vars[5]);
        var (other, second) = vars.Length > 6 ? ((Tensor)vars[6], (ScaledRange)vars[8]) : ((Tensor?)null, (ScaledRange?)null);
        ChannelStatistics statistics = ChannelStatistics.Of(x, norm.RunningMean);
        statistics.EnterInto(norm, x.numel() / x.size(1));
        NormalizedRows rows = Rows(norm, statistics, first, second);
        ctx.save_for_backward(other is null ? [x, norm.Weight] : [x, norm.Weight, other]);
        ctx.save_data("statistics", statistics);
        ctx.save_data("rows", rows);
        ctx.save_data("epsilon", norm.Epsilon);
        return Forward(x, other, rows);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor x = saved[0], weight = saved[1];
        using Tensor? other = saved.Count > 2 ? saved[2] : null;
        var rows = (NormalizedRows)ctx.get_data("rows");
        var statistics = (ChannelStatistics)ctx.get_data("statistics");
        double epsilon = (double)ctx.get_data("epsilon");

        Tensor dy = DenseMemory.InOrderOf(x, grad_output), dx = empty_like(x);
        Tensor? dOther = other is null ? null : empty_like(x);
        float* values = DenseMemory.Pointer(x), above = DenseMemory.Pointer(dy), below = DenseMemory.Pointer(dx);
        float* operand = other is null ? null : DenseMemory.Pointer(other), operandBelow = dOther is null ? null : DenseMemory.Pointer(dOther);

        int channels = rows.Channels;
        var sums = new ChannelSums(channels, Workers.PartsFor(x.numel()));
        var scales = new (double First, double Second)[sums.Parts];
        ForRows(x, (first, count, part) =>
        {
            long at = first * channels;
            scales[part] = rows.Above(
                values + at, operand == null ? null : operand + at, above + at, operandBelow == null ? null : operandBelow + at,
                count, statistics.Mean, sums.Sums[part], sums.Products[part]);
        });
        double[] sum = ChannelSums.Total(sums.Sums), product = ChannelSums.Total(sums.Products);

        long n = x.numel() / channels;
        float[] constant = new float[channels], slope = new float[channels], dWeight = new float[channels], dBias = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double inverse = 1 / Math.Sqrt(statistics.Variance[c] + epsilon), a = rows.Factor[c];
            double m = -a * inverse * inverse * product[c] / n;
            (slope[c], constant[c]) = ((float)m, (float)(-a * sum[c] / n - m * statistics.Mean[c]));
            (dWeight[c], dBias[c]) = ((float)(product[c] * inverse), (float)sum[c]);
        }
        float* inner = operandBelow == null ? above : operandBelow;
        ForRows(x, (first, count, _) => rows.Below(values + first * channels, inner + first * channels, below + first * channels, count, constant, slope));
        if (!ReferenceEquals(dy, grad_output)) dy.Dispose();
        List<Tensor> gradients = [dx, tensor(dWeight), tensor(dBias), tensor((float)(scales.Sum(s => s.First) / rows.First.Scale)), null!, null!];
        if (rows.Second is { } second) gradients.AddRange([dOther!, tensor((float)(scales.Sum(s => s.Second) / second.Scale)), null!]);
        return Handover.Of(gradients, grad_output);
    }

    static Tensor Forward(Tensor x, Tensor? other, NormalizedRows rows)
    {
        Tensor y = empty_like(x);
        float* from = DenseMemory.Pointer(x), operand = other is null ? null : DenseMemory.Pointer(other), to = DenseMemory.Pointer(y);
        int channels = rows.Channels;
        ForRows(x, (first, count, _) =>
            rows.Forward(from + first * channels, operand == null ? null : operand + first * channels, to + first * channels, count));
        return y;
    }

    /// <summary>norm(x) = a x + b with a = weight / sqrt(variance + epsilon), b = bias - a mean.</summary>
    static NormalizedRows Rows(NormParameters norm, ChannelStatistics statistics, ScaledRange first, ScaledRange? second)
    {
        float[] factor = norm.Weight.data<float>().ToArray(), offset = norm.Bias.data<float>().ToArray();
        for (int c = 0; c < factor.Length; c++)
        {
            factor[c] = (float)(factor[c] / Math.Sqrt(statistics.Variance[c] + norm.Epsilon));
            offset[c] -= factor[c] * statistics.Mean[c];
        }
        return new() { Channels = factor.Length, Factor = factor, Offset = offset, First = first.Rounding, Second = second?.Rounding };
    }

    static void ForRows(Tensor x, Workers.Part work)
    {
        long channels = x.size(1);
        Workers.Run(x.numel() / channels, 1, Workers.PartsFor(x.numel()), work);
    }
}
