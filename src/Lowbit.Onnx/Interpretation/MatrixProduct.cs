using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lowbit.Export.Interpretation;

/// <summary>
/// The product of two matrices, where the interpreter spends its time: strips of four rows times panels of columns that stay in the
/// cache.
/// </summary>
static class MatrixProduct
{
    /// <summary>Columns that are multiplied at a time; so wide a copy of the right matrix is made.</summary>
    public const int PanelWidth = 16;

    const int StripHeight = 4;

    /// <summary>product [rows, columns] = a [rows, inner] times b [inner, columns], all row-major.</summary>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> product, int rows, int inner, int columns)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(inner * PanelWidth);
        var panel = rented.AsSpan(0, inner * PanelWidth);
        Span<double> sums = stackalloc double[StripHeight * PanelWidth];
        for (int left = 0; left < columns; left += PanelWidth)
        {
            int width = Math.Min(PanelWidth, columns - left);
            Pack(b[left..], columns, width, panel);
            for (int row = 0; row < rows;)
            {
                int height = rows - row >= StripHeight ? StripHeight : 1;
                if (height == StripHeight)
                    MultiplyStrip(a.Slice(row * inner, StripHeight * inner), panel, sums, inner);
                else
                    MultiplyRow(a.Slice(row * inner, inner), panel, sums);
                for (int i = 0; i < height; i++, row++)
                    sums.Slice(i * PanelWidth, width).CopyTo(product.Slice(row * columns + left, width));
            }
        }
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Puts a panel's columns next to each other, zeros after the last.</summary>
    static void Pack(ReadOnlySpan<double> b, int stride, int width, Span<double> panel)
    {
        panel.Clear();
        for (int i = 0; i * PanelWidth < panel.Length; i++)
            b.Slice(i * stride, width).CopyTo(panel[(i * PanelWidth)..]);
    }

    static void MultiplyStrip(ReadOnlySpan<double> strip, ReadOnlySpan<double> panel, Span<double> sums, int inner)
    {
        Vector512<double> left0 = default, right0 = default, left1 = default, right1 = default;
        Vector512<double> left2 = default, right2 = default, left3 = default, right3 = default;
        ref double a = ref MemoryMarshal.GetReference(strip);
        ref double b = ref MemoryMarshal.GetReference(panel);
        for (nuint k = 0, end = (nuint)inner; k < end; k++)
        {
            var left = Vector512.LoadUnsafe(ref b, k * PanelWidth);
            var right = Vector512.LoadUnsafe(ref b, k * PanelWidth + PanelWidth / 2);
            var a0 = Vector512.Create(Unsafe.Add(ref a, k));
            var a1 = Vector512.Create(Unsafe.Add(ref a, k + end));
            var a2 = Vector512.Create(Unsafe.Add(ref a, k + 2 * end));
            var a3 = Vector512.Create(Unsafe.Add(ref a, k + 3 * end));
            left0 = Vector512.MultiplyAddEstimate(a0, left, left0);
            right0 = Vector512.MultiplyAddEstimate(a0, right, right0);
            left1 = Vector512.MultiplyAddEstimate(a1, left, left1);
            right1 = Vector512.MultiplyAddEstimate(a1, right, right1);
            left2 = Vector512.MultiplyAddEstimate(a2, left, left2);
            right2 = Vector512.MultiplyAddEstimate(a2, right, right2);
            left3 = Vector512.MultiplyAddEstimate(a3, left, left3);
            right3 = Vector512.MultiplyAddEstimate(a3, right, right3);
        }
        left0.CopyTo(sums);
        right0.CopyTo(sums[8..]);
        left1.CopyTo(sums[16..]);
        right1.CopyTo(sums[24..]);
        left2.CopyTo(sums[32..]);
        right2.CopyTo(sums[40..]);
        left3.CopyTo(sums[48..]);
        right3.CopyTo(sums[56..]);
    }

    static void MultiplyRow(ReadOnlySpan<double> row, ReadOnlySpan<double> panel, Span<double> sums)
    {
        Vector512<double> left = default, right = default;
        for (int k = 0; k < row.Length; k++)
        {
            var a = Vector512.Create(row[k]);
            left = Vector512.MultiplyAddEstimate(a, Vector512.Create(panel[(k * PanelWidth)..]), left);
            right = Vector512.MultiplyAddEstimate(a, Vector512.Create(panel[(k * PanelWidth + PanelWidth / 2)..]), right);
        }
        left.CopyTo(sums);
        right.CopyTo(sums[(PanelWidth / 2)..]);
    }
}
