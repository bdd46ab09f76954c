namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Operators that take parts of arrays, or put arrays together.</summary>
static class Selection
{
    public static NdArray Concat(Call call)
    {
        var all = call.All;
        int axis = call.X.Axis(call.Node.Int("axis", 1));
        if (all.Any(x => !OtherAxes(x).SequenceEqual(OtherAxes(call.X))))
            throw new LowbitException(
                $"shapes {string.Join(", ", all.Select(x => NdArray.Text(x.Shape)))} differ in more than axis {axis}");
        int[] shape = [.. call.X.Shape];
        shape[axis] = all.Sum(x => x.Shape[axis]);
        var result = NdArray.Zeros(shape, call.X.Type);
        int outer = NdArray.CountOf(shape.AsSpan(0, axis)), next = 0;
        for (int i = 0; i < outer; i++)
            foreach (var part in all)
            {
                int run = part.Count / outer;
                part.Data.AsSpan(i * run, run).CopyTo(result.Data.AsSpan(next));
                next += run;
            }
        return result;

        IEnumerable<int> OtherAxes(NdArray x) => x.Shape.Where((_, i) => i != axis);
    }

    /// <summary>Parts of the sizes asked for, or equal ones.</summary>
    public static NdArray[] Split(Call call)
    {
        var x = call.X;
        int axis = x.Axis(call.Node.Int("axis", 0));
        int parts = call.Node.Outputs.Count;
        int even = (x.Shape[axis] + parts - 1) / parts;
        int[] sizes = call.Ints("split", 1) ?? [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(x.Shape[axis] - i * even, 0, even))];
        if (sizes.Sum() != x.Shape[axis] || sizes.Length != parts)
            throw new LowbitException($"parts of {NdArray.Text(sizes)} are not the {x.Shape[axis]} elements of axis {axis}");
        int start = 0;
        return [.. sizes.Select(size => Range(x, axis, (start += size) - size, size, step: 1))];
    }

    public static NdArray Slice(Call call)
    {
        var x = call.X;
        int[] starts = call.Ints("starts", 1) ?? throw new LowbitException("its starts are missing");
        int[] ends = call.Ints("ends", 2) ?? throw new LowbitException("its ends are missing");
        int[] axes = call.Axes(x.Rank, input: 3) ?? [.. Enumerable.Range(0, starts.Length)];
        int[] steps = call.Optional(4)?.Ints() ?? [.. Enumerable.Repeat(1, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
            throw new LowbitException("its starts, ends, axes and steps do not fit each other");
        for (int i = 0; i < starts.Length; i++)
        {
            int size = x.Shape[axes[i]], step = steps[i];
            // Backwards, the first that can be taken is the last element, and the end can lie before the first.
            var (lowest, highest) = step > 0 ? (0, size) : (-1, size - 1);
            int start = Math.Clamp(FromStart(starts[i]), step > 0 ? 0 : -1, highest);
            int end = Math.Clamp(FromStart(ends[i]), lowest, highest);
            long count = step > 0 ? ((long)end - start + step - 1) / step : ((long)start - end - step - 1) / -(long)step;
            x = Range(x, axes[i], start, (int)Math.Max(0, count), step);

            int FromStart(int at) => at < 0 ? at + size : at;
        }
        return x;
    }

    static NdArray Range(NdArray x, int axis, int start, int count, int step)
    {
        int[] shape = [.. x.Shape], strides = x.Strides();
        shape[axis] = count;
        int offset = start * strides[axis];
        strides[axis] *= step;
        return StridedCopy.Of(x, shape, strides, offset);
    }

    public static NdArray Gather(Call call)
    {
        var (x, indices) = (call.X, call.Input(1));
        int axis = x.Axis(call.Node.Int("axis", 0));
        int[] shape = [.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]];
        var result = NdArray.Zeros(shape, x.Type);
        int run = NdArray.CountOf(x.Shape.AsSpan(axis + 1)), size = x.Shape[axis], next = 0;
        for (int outer = 0; outer < x.Count; outer += size * run)
            foreach (int index in indices.Ints())
            {
                int at = NdArray.AxisOf(index, size);
                x.Data.AsSpan(outer + at * run, run).CopyTo(result.Data.AsSpan(next));
                next += run;
            }
        return result;
    }

    /// <summary>Constant padding; negative amounts cut off.</summary>
    public static NdArray Pad(Call call)
    {
        var x = call.X;
        if (call.Node.Text("mode", "constant") is var mode && mode != "constant")
            throw new LowbitException($"it pads by {mode}; only constant is supported");
        int[] given = call.Ints("pads", 1) ?? throw new LowbitException("its pads are missing");
        int[] axes = call.Axes(x.Rank, input: 3) ?? [.. Enumerable.Range(0, x.Rank)];
        if (given.Length != 2 * axes.Length)
            throw new LowbitException($"{given.Length} pads do not fit {axes.Length} axes");
        double value = call.Number("value", 2, 0);
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = axes[i], before = given[i], after = given[i + axes.Length], size = x.Shape[axis];
            int padded = NdArray.CountOf([checked(size + before + after)]);
            Ledger.Allocate(padded);
            int[] indices = [.. Enumerable.Range(-before, padded)];
            x = Filled(x, axis, indices, value);
        }
        return x;
    }

    /// <summary>What <see cref="Gather"/> does along an axis, with a value for the indices that lie outside.</summary>
    static NdArray Filled(NdArray x, int axis, int[] indices, double outside)
    {
        int[] shape = [.. x.Shape];
        shape[axis] = indices.Length;
        var result = NdArray.Zeros(shape, x.Type);
        Array.Fill(result.Data, outside);
        int run = NdArray.CountOf(x.Shape.AsSpan(axis + 1)), size = x.Shape[axis], next = 0;
        for (int outer = 0; outer < x.Count; outer += size * run)
            foreach (int index in indices)
            {
                if (index >= 0 && index < size)
                    x.Data.AsSpan(outer + index * run, run).CopyTo(result.Data.AsSpan(next));
                next += run;
            }
        return result;
    }
}
