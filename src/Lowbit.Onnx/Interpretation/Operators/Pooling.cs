namespace Lowbit.Export.Interpretation.Operators;

/// <summary>MaxPool, AveragePool and their global forms.</summary>
static class Pooling
{
    public static NdArray Max(Call call) => Run(call, (values, _) => values.Max());

    /// <summary>The mean over the window; padding counts as zeros with count_include_pad, not at all without.</summary>
    public static NdArray Average(Call call)
    {
        bool includePadding = call.Node.Flag("count_include_pad");
        return Run(call, (values, withPadding) => values.Sum() / (includePadding ? withPadding : values.Count));
    }

    public static NdArray GlobalMax(Call call) => Global(call.X, plane => plane.Max());

    public static NdArray GlobalAverage(Call call) => Global(call.X, plane => plane.Sum() / plane.Length);

    static NdArray Global(NdArray x, Func<double[], double> reduce)
    {
        if (x.Rank < 3)
            throw new LowbitException($"it takes images [N, C, H, W], not shape {NdArray.Text(x.Shape)}");
        int[] shape = [.. x.Shape.Select((size, axis) => axis < 2 ? size : 1)];
        int plane = NdArray.CountOf(x.Shape.AsSpan(2));
        return NdArray.Of(shape, x.Data.Chunk(Math.Max(1, plane)).Select(reduce));
    }

    /// <summary>Reduces the values in each window; the function also gets how many taps stand on the image or its padding.</summary>
    static NdArray Run(Call call, Func<List<double>, int, double> reduce)
    {
        var images = Window.AsImages(call.X);
        int[] kernel = call.Node.Ints("kernel_shape") ?? throw new LowbitException("its kernel_shape is missing");
        var (vertical, horizontal) = Window.Of(call.Node, images, kernel);
        var result = NdArray.Zeros([images.Shape[0], images.Shape[1], vertical.Output, horizontal.Output], call.X.Type);
        Ledger.Spend(OnnxBudget.PerElement * (double)images.Shape[0] * images.Shape[1] * vertical.TapsInside() * horizontal.TapsInside());
        var values = new List<double>();
        int next = 0;
        for (int plane = 0; plane < images.Count; plane += vertical.Input * horizontal.Input)
            for (int y = 0; y < vertical.Output; y++)
                for (int x = 0; x < horizontal.Output; x++)
                {
                    values.Clear();
                    foreach (int fromY in Inside(vertical, y))
                        foreach (int fromX in Inside(horizontal, x))
                            values.Add(images.Data[plane + fromY * horizontal.Input + fromX]);
                    if (values.Count == 0)
                        throw new LowbitException("one of its windows holds nothing but padding");
                    result.Data[next++] = reduce(values, vertical.TapsWithPadding(y) * horizontal.TapsWithPadding(x));
                }
        return Window.As(call.X.Rank, result);
    }

    /// <summary>
    /// The positions on the image that a window's taps look at. A kernel far larger than the image costs no more than the image.
    /// </summary>
    static IEnumerable<int> Inside(Sliding sliding, int output)
    {
        int start = sliding.Position(output, 0);
        int firstTap = start >= 0 ? 0 : (-start + sliding.Dilation - 1) / sliding.Dilation;
        for (int tap = firstTap; tap < sliding.Kernel; tap++)
        {
            int position = sliding.Position(output, tap);
            if (position >= sliding.Input)
                yield break;
            yield return position;
        }
    }
}
