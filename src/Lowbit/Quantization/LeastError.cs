using System.Runtime.Intrinsics;
using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// The threshold at which a quantizer's squared error on a batch is least, among <see cref="Steps"/> even fractions of the largest magnitude, judged by a sample of
/// the batch. No gradient goes through it.
/// </summary>
static class LeastError
{
    /// <summary>Thresholds that are tried.</summary>
    public const int Steps = 80;

    const int Sampled = 4096;

    /// <summary>The threshold, in the shape [], or [1, C, 1, ...] with one for each channel; of x [N, C, ...] of any floating point type, anywhere.</summary>
    public static Tensor Threshold(Tensor x, ActivationQuantizer quantizer, int divisor)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor rows = quantizer.PerChannel ? x.detach().transpose(0, 1).flatten(1) : ChannelsLast(x.detach()).reshape(1, -1);
        float[] thresholds = [.. Enumerable.Range(0, (int)rows.size(0)).Select(row => Of(Sample(rows[row]), quantizer.Range, divisor))];
        Tensor result = quantizer.PerChannel ? tensor(thresholds).view([1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]) : tensor(thresholds[0]);
        return result.to(x.dtype).to(x.device).MoveToOuterDisposeScope();
    }

    /// <summary>The threshold of values that need not be in memory.</summary>
    public static float Threshold<T>(T magnitudes, ActivationQuantizer quantizer, int divisor) where T : struct, IMagnitudes
    {
        var sample = new float[Math.Min(magnitudes.Count, Sampled)];
        for (int i = 0; i < sample.Length; i++) sample[i] = Math.Abs(magnitudes[Place(i, magnitudes.Count)]);
        return Of(sample, quantizer.Range, divisor);
    }

    /// <summary>The threshold of some magnitudes; 0 where all are.</summary>
    internal static float Of(ReadOnlySpan<float> magnitudes, IntegerRange range, int divisor)
    {
        float largest = 0;
        foreach (float value in magnitudes) largest = Math.Max(largest, value);
        if (!(largest > 0 && float.IsFinite(largest))) return largest;
        double least = double.PositiveInfinity;
        float best = largest;
        for (int step = 1; step <= Steps; step++)
        {
            float threshold = largest * step / Steps, scale = threshold / divisor;
            double error = range.IsBinary ? BinaryError(magnitudes, scale) : Error(magnitudes, scale, range.High) + (range.IsSigned ? Error(magnitudes, scale, -range.Low) : 0);
            if (error < least) (least, best) = (error, threshold);
        }
        return best;
    }

    static double Error(ReadOnlySpan<float> magnitudes, float scale, int high)
    {
        float inverse = 1 / scale;
        Vector512<float> top = Vector512.Create((float)high), lanes = Vector512<float>.Zero;
        int i = 0;
        for (; i <= magnitudes.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> value = Vector512.Create(magnitudes[i..]), error = Vector512.Min(Vector512.Round(value * inverse), top) * scale - value;
            lanes += error * error;
        }
        float sum = Vector512.Sum(lanes);
        foreach (float value in magnitudes[i..])
        {
            float error = Math.Min(MathF.Round(value * inverse), high) * scale - value;
            sum += error * error;
        }
        return sum;
    }

    static double BinaryError(ReadOnlySpan<float> magnitudes, float scale)
    {
        float sum = 0;
        foreach (float value in magnitudes) sum += (value - scale) * (value - scale);
        return sum;
    }

    static float[] Sample(Tensor values)
    {
        long count = values.numel();
        long[] places = [.. Enumerable.Range(0, (int)Math.Min(count, Sampled)).Select(i => Place(i, count))];
        return [.. values.index_select(0, tensor(places, device: values.device)).abs().to(float32).cpu().data<float>()];
    }

    /// <summary>
    /// The places of a sample, all where there are few; otherwise in steps of the golden ratio, which keep no time with channels, rows or images.
    /// Knuth, "The Art of Computer Programming", volume 3, section 6.4.
    /// </summary>
    static long Place(int i, long count)
    {
        if (count <= Sampled) return i;
        double fraction = (i + 1) * 0.6180339887498949;
        return (long)((fraction - Math.Floor(fraction)) * count);
    }

    /// <summary>Values in the order in which kernels see them: channels last.</summary>
    static Tensor ChannelsLast(Tensor x) => x.dim() == 4 ? x.permute(0, 2, 3, 1) : x;
}
