namespace Lowbit.Export.Interpretation.Operators;

/// <summary>ReduceMean, ReduceSum and ReduceMax: one value in the place of all those along some axes.</summary>
static class Reduction
{
    public static Func<Call, NdArray> Of(Func<double[], double> reduce) => call =>
    {
        var x = call.X;
        int[] axes = call.Axes(x.Rank) is { Length: > 0 } given ? given
            : call.Node.Flag("noop_with_empty_axes") ? []
            : [.. Enumerable.Range(0, x.Rank)];
        int[] kept = [.. Enumerable.Range(0, x.Rank).Except(axes)];
        var last = Shaping.Transposed(x, [.. kept, .. axes]);
        int count = NdArray.CountOf([.. axes.Select(axis => x.Shape[axis])]);
        int[] shape = call.Node.Flag("keepdims", otherwise: true)
            ? [.. x.Shape.Select((size, axis) => axes.Contains(axis) ? 1 : size)]
            : [.. kept.Select(axis => x.Shape[axis])];
        return NdArray.Of(shape, last.Data.Chunk(Math.Max(1, count)).Select(reduce), x.Type);
    };
}
