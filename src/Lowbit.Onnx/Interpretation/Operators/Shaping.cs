namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Operators that change only the shape of an array, or the order of its axes.</summary>
static class Shaping
{
    public static NdArray Shape(Call call)
    {
        int[] shape = call.X.Shape;
        int start = Position(call.Node.Int("start", 0)), end = Position(call.Node.Int("end", shape.Length));
        return NdArray.Vector(shape[start..Math.Max(start, end)]);

        int Position(long at) => (int)Math.Clamp(at < 0 ? at + shape.Length : at, 0, shape.Length);
    }

    public static NdArray Size(Call call) => NdArray.Scalar(call.X.Count, ElementType.Int64);

    /// <summary>The shape asked for, where 0 keeps the input's size (without allowzero) and -1 stands for what is left.</summary>
    public static NdArray Reshape(Call call)
    {
        var x = call.X;
        int[] asked = call.Ints("shape", 1) ?? throw new LowbitException("its shape is missing");
        int[] shape = call.Node.Flag("allowzero")
            ? asked
            : [.. asked.Select((size, axis) => size != 0 ? size : x.Shape[NdArray.AxisOf(axis, x.Rank)])];
        int free = Array.IndexOf(shape, -1);
        if (free >= 0)
        {
            shape = [.. shape];
            shape[free] = 1;
            shape[free] = x.Count / Math.Max(1, NdArray.CountOf(shape));
        }
        return x.Reshape(shape);
    }

    public static NdArray Flatten(Call call)
    {
        var x = call.X;
        long axis = call.Node.Int("axis", 1);
        int at = axis == x.Rank ? x.Rank : x.Axis(axis);
        return x.Reshape([NdArray.CountOf(x.Shape.AsSpan(0, at)), NdArray.CountOf(x.Shape.AsSpan(at))]);
    }

    public static NdArray Squeeze(Call call)
    {
        var x = call.X;
        int[]? axes = call.Axes(x.Rank);
        return x.Reshape([.. x.Shape.Where((size, axis) => axes is null ? size != 1 : !axes.Contains(axis))]);
    }

    public static NdArray Unsqueeze(Call call)
    {
        int count = call.Ints("axes", 1)?.Length ?? throw new LowbitException("its axes are missing");
        int[] axes = call.Axes(call.X.Rank + count)!;
        var shape = call.X.Shape.ToList();
        foreach (int axis in axes.Order())
            shape.Insert(axis, 1);
        return call.X.Reshape([.. shape]);
    }

    public static NdArray Transpose(Call call) =>
        Transposed(call.X, call.Node.Ints("perm") ?? [.. Enumerable.Range(0, call.X.Rank).Reverse()]);

    public static NdArray Transposed(NdArray x, int[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, x.Rank)))
            throw new LowbitException($"{NdArray.Text(order)} is no order of the axes of shape {NdArray.Text(x.Shape)}");
        int[] strides = x.Strides();
        return StridedCopy.Of(x, [.. order.Select(axis => x.Shape[axis])], [.. order.Select(axis => strides[axis])]);
    }

    public static NdArray Expand(Call call)
    {
        int[] shape = Broadcast.Shape(call.X.Shape, call.Input(1).Ints());
        return StridedCopy.Of(call.X, shape, Broadcast.Strides(call.X, shape));
    }

    /// <summary>A vector as an array of <paramref name="rank"/> axes that lies along one of them; a single value as it is.</summary>
    public static NdArray AlongAxis(NdArray vector, int axis, int rank) => vector.Count == 1
        ? vector.Reshape([])
        : vector.Reshape([.. Enumerable.Range(0, rank).Select(i => i == axis ? vector.Count : 1)]);
}
