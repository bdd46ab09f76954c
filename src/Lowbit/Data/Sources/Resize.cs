using System.Buffers;
using System.Numerics.Tensors;

namespace Lowbit.Data;

/// <summary>Resizes images of bytes, height x width x channels.</summary>
static class Resize
{
    /// <summary>
    /// Makes every pixel of the result the weighted mean of those that the two axes name, first along rows, then along columns.
    /// </summary>
    public static void Bilinear(ReadOnlySpan<byte> source, int channels, ResizeAxis rows, ResizeAxis columns, Span<byte> result)
    {
        int stride = columns.Length * channels, sourceStride = columns.SourceLength * channels;
        float[] rented = ArrayPool<float>.Shared.Rent((rows.End - rows.First) * stride + stride);
        var narrowed = rented.AsSpan(0, (rows.End - rows.First) * stride);
        for (int row = rows.First; row < rows.End; row++)
            AlongRow(
                source.Slice(row * sourceStride, sourceStride), channels, columns, narrowed.Slice((row - rows.First) * stride, stride));

        var sum = rented.AsSpan(narrowed.Length, stride);
        for (int row = 0; row < rows.Length; row++)
        {
            var (first, weights) = rows[row];
            sum.Clear();
            for (int k = 0; k < weights.Length; k++)
                TensorPrimitives.MultiplyAdd(narrowed.Slice((first + k - rows.First) * stride, stride), weights[k], sum, sum);
            for (int i = 0; i < stride; i++) result[row * stride + i] = (byte)Math.Clamp(sum[i] + 0.5f, 0, 255);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    static void AlongRow(ReadOnlySpan<byte> source, int channels, ResizeAxis columns, Span<float> result)
    {
        for (int column = 0; column < columns.Length; column++)
        {
            var (first, weights) = columns[column];
            for (int channel = 0; channel < channels; channel++)
            {
                float sum = 0;
                for (int k = 0; k < weights.Length; k++) sum += weights[k] * source[(first + k) * channels + channel];
                result[column * channels + channel] = sum;
            }
        }
    }
}
