namespace Lowbit.Export.Interpretation;

/// <summary>Copies elements that lie at regular distances: what transposing, slicing and stretching have in common.</summary>
static class StridedCopy
{
    /// <summary>
    /// An array of <paramref name="shape"/> whose element at a place is the source's at <paramref name="offset"/> plus the place's
    /// coordinates times the strides.
    /// </summary>
    public static NdArray Of(NdArray source, int[] shape, int[] strides, int offset = 0)
    {
        var result = NdArray.Zeros(shape, source.Type);
        if (result.Count > 0)
            Copy(source.Data, offset, result.Data, 0, axis: 0);
        return result;

        int Copy(double[] from, int at, double[] to, int next, int axis)
        {
            if (axis == shape.Length)
            {
                to[next] = from[at];
                return next + 1;
            }
            for (int i = 0; i < shape[axis]; i++, at += strides[axis])
                next = Copy(from, at, to, next, axis + 1);
            return next;
        }
    }
}
