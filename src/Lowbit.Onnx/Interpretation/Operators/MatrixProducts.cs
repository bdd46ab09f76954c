namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Gemm and MatMul.</summary>
static class MatrixProducts
{
    /// <summary>alpha * A' * B' + beta * C, where A' and B' are A and B, transposed where transA and transB say so.</summary>
    public static NdArray Gemm(Call call)
    {
        var a = call.Node.Flag("transA") ? Shaping.Transposed(call.X, [1, 0]) : call.X;
        var b = call.Node.Flag("transB") ? Shaping.Transposed(call.Input(1), [1, 0]) : call.Input(1);
        if (a.Rank != 2 || b.Rank != 2)
            throw new LowbitException($"it takes two matrices, not shapes {NdArray.Text(a.Shape)} and {NdArray.Text(b.Shape)}");
        double alpha = call.Node.Float("alpha", 1), beta = call.Node.Float("beta", 1);
        var product = Product(a, b);
        if (alpha != 1)
            product = Broadcast.Map(value => alpha * value, product);
        return call.Optional(2) is { } c ? Broadcast.Map((value, bias) => value + beta * bias, product, c) : product;
    }

    public static NdArray MatMul(Call call) => Product(call.X, call.Input(1));

    /// <summary>
    /// The product over the last two axes, for every place of the axes before them; a vector is a row on the left and a column on the
    /// right.
    /// </summary>
    static NdArray Product(NdArray a, NdArray b)
    {
        if (a.Rank == 0 || b.Rank == 0)
            throw new LowbitException("a single number is no matrix");
        var left = a.Rank == 1 ? a.Reshape([1, a.Count]) : a;
        var right = b.Rank == 1 ? b.Reshape([b.Count, 1]) : b;
        int rows = left.Shape[^2], inner = left.Shape[^1], columns = right.Shape[^1];
        if (right.Shape[^2] != inner)
            throw new LowbitException($"shapes {NdArray.Text(a.Shape)} and {NdArray.Text(b.Shape)} cannot be multiplied");

        int[] batch = Broadcast.Shape(left.Shape[..^2], right.Shape[..^2]);
        left = Stretched(left, batch, rows, inner);
        right = Stretched(right, batch, inner, columns);
        var result = NdArray.Zeros([.. batch, rows, columns], a.Type);
        Ledger.Allocate((long)inner * MatrixProduct.PanelWidth);
        Ledger.Spend((double)result.Count * inner);
        for (int i = 0, count = NdArray.CountOf(batch); i < count; i++)
            MatrixProduct.Multiply(
                left.Data.AsSpan(i * rows * inner, rows * inner), right.Data.AsSpan(i * inner * columns, inner * columns),
                result.Data.AsSpan(i * rows * columns, rows * columns), rows, inner, columns);
        int[] shape = [.. batch, .. a.Rank == 1 ? Array.Empty<int>() : [rows], .. b.Rank == 1 ? Array.Empty<int>() : [columns]];
        return result.Reshape(shape);
    }

    static NdArray Stretched(NdArray matrices, int[] batch, int rows, int columns)
    {
        int[] shape = [.. batch, rows, columns];
        return matrices.Shape.AsSpan().SequenceEqual(shape)
            ? matrices
            : StridedCopy.Of(matrices, shape, Broadcast.Strides(matrices, shape));
    }
}
