namespace Lowbit.Export.Interpretation;

/// <summary>Computes element by element, where operands stretch along axes that they have one element of, as NumPy's do.</summary>
static class Broadcast
{
    public static NdArray Map(Func<double, double> f, NdArray x)
    {
        var result = NdArray.Zeros(x.Shape, x.Type);
        for (int i = 0; i < result.Count; i++)
            result.Data[i] = f(x.Data[i]);
        return result;
    }

    public static NdArray Map(Func<double, double, double> f, NdArray a, NdArray b) => Map(v => f(v[0], v[1]), [a, b]);

    /// <summary>
    /// One value for each place of the operands' common shape; <paramref name="f"/> gets the operands' values there, in their order.
    /// </summary>
    public static NdArray Map(Func<double[], double> f, params NdArray[] operands)
    {
        var result = NdArray.Zeros(Shape(operands), operands[0].Type);
        // A single number is a row of one place.
        int[] shape = result.Rank == 0 ? [1] : result.Shape;
        int[][] strides = [.. operands.Select(operand => Strides(operand, shape))];
        int[] place = new int[shape.Length], offsets = new int[operands.Length];
        var values = new double[operands.Length];
        // Along a row most operands, such as scales, stay what they are.
        int[] moving = [.. Enumerable.Range(0, operands.Length).Where(k => strides[k][^1] != 0)];
        for (int i = 0; i < result.Count;)
        {
            for (int k = 0; k < values.Length; k++)
                values[k] = operands[k].Data[offsets[k]];
            for (int rowEnd = i + shape[^1]; i < rowEnd; i++)
            {
                foreach (int k in moving)
                {
                    values[k] = operands[k].Data[offsets[k]];
                    offsets[k] += strides[k][^1];
                }
                result.Data[i] = f(values);
            }
            AdvanceRow(place, shape, offsets, strides);
        }
        return result;
    }

    /// <summary>The shape that several arrays have in common once stretched.</summary>
    public static int[] Shape(params ReadOnlySpan<NdArray> operands)
    {
        int[] shape = operands[0].Shape;
        foreach (var operand in operands[1..])
            shape = Shape(shape, operand.Shape);
        return shape;
    }

    public static int[] Shape(int[] a, int[] b)
    {
        int[] shape = new int[Math.Max(a.Length, b.Length)];
        for (int fromEnd = 1; fromEnd <= shape.Length; fromEnd++)
        {
            int inA = fromEnd <= a.Length ? a[^fromEnd] : 1;
            int inB = fromEnd <= b.Length ? b[^fromEnd] : 1;
            shape[^fromEnd] = inA == inB || inB == 1 ? inA
                : inA == 1 ? inB
                : throw new LowbitException($"shapes {NdArray.Text(a)} and {NdArray.Text(b)} do not fit each other");
        }
        return shape;
    }

    /// <summary>Strides with which to walk an array as if it had a larger shape: 0 along the axes that it is stretched along.</summary>
    public static int[] Strides(NdArray array, int[] shape)
    {
        int[] own = array.Strides();
        int[] strides = new int[shape.Length];
        for (int fromEnd = 1; fromEnd <= array.Rank; fromEnd++)
            strides[^fromEnd] = array.Shape[^fromEnd] == 1 ? 0 : own[^fromEnd];
        return strides;
    }

    /// <summary>Moves a place from the end of one row to the start of the next, and each offset with it.</summary>
    static void AdvanceRow(int[] place, int[] shape, int[] offsets, int[][] strides)
    {
        for (int k = 0; k < offsets.Length; k++)
            offsets[k] -= strides[k][^1] * shape[^1];
        for (int axis = shape.Length - 2; axis >= 0; axis--)
        {
            bool wraps = ++place[axis] == shape[axis];
            for (int k = 0; k < offsets.Length; k++)
                offsets[k] += wraps ? -strides[k][axis] * (shape[axis] - 1) : strides[k][axis];
            if (!wraps)
                return;
            place[axis] = 0;
        }
    }
}
