using System.Buffers;

namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Conv, as a product of the kernels with a matrix of the image's patches.</summary>
static class Convolution
{
    public static NdArray Run(Call call)
    {
        var images = Window.AsImages(call.X);
        var weights = call.Input(1);
        if (weights.Rank != call.X.Rank)
            throw new LowbitException($"its weights are of shape {NdArray.Text(weights.Shape)}, its input of {NdArray.Text(call.X.Shape)}");
        if (call.Node.Ints("kernel_shape") is { } stated && !stated.AsSpan().SequenceEqual(weights.Shape.AsSpan(2)))
            throw new LowbitException($"its kernel_shape {NdArray.Text(stated)} is not that of its weights, {NdArray.Text(weights.Shape)}");

        int groups = (int)call.Node.Int("group", 1);
        int outputs = weights.Shape[0], inputsPerGroup = weights.Shape[1];
        if (groups < 1 || outputs % groups != 0 || images.Shape[1] != (long)groups * inputsPerGroup)
            throw new LowbitException(
                $"{groups} groups do not fit {images.Shape[1]} channels and weights of shape {NdArray.Text(weights.Shape)}");
        if (call.Optional(2) is { } bias && bias.Count != outputs)
            throw new LowbitException($"its bias has {bias.Count} values for {outputs} channels");

        var window = Window.Of(call.Node, images, weights.Shape[2..]);
        int outputsPerGroup = outputs / groups;
        int pixels = NdArray.CountOf([window.Vertical.Output, window.Horizontal.Output]);
        int patch = inputsPerGroup * window.Vertical.Kernel * window.Horizontal.Kernel;
        Ledger.Allocate((long)patch * (pixels + MatrixProduct.PanelWidth));
        Ledger.Spend((double)images.Shape[0] * outputs * patch * pixels);
        double[] patches = ArrayPool<double>.Shared.Rent(NdArray.CountOf([patch, pixels]));
        var result = NdArray.Zeros([images.Shape[0], outputs, window.Vertical.Output, window.Horizontal.Output]);
        for (int image = 0; image < images.Shape[0]; image++)
        {
            for (int group = 0; group < groups; group++)
            {
                int plane = images.Shape[2] * images.Shape[3];
                CopyPatches(images.Data.AsSpan((image * groups + group) * inputsPerGroup * plane, inputsPerGroup * plane), window, patches);
                MatrixProduct.Multiply(
                    weights.Data.AsSpan(group * outputsPerGroup * patch, outputsPerGroup * patch), patches,
                    result.Data.AsSpan((image * outputs + group * outputsPerGroup) * pixels, outputsPerGroup * pixels),
                    outputsPerGroup, patch, pixels);
            }
        }
        ArrayPool<double>.Shared.Return(patches);
        AddBias(result, call.Optional(2), pixels);
        return Window.As(call.X.Rank, result);
    }

    /// <summary>
    /// Lays out, for each channel and tap, what the tap sees at each output pixel: [channels x taps, pixels], zeros for padding.
    /// </summary>
    static void CopyPatches(ReadOnlySpan<double> channels, Window window, Span<double> patches)
    {
        var (vertical, horizontal) = window;
        int next = 0;
        for (int plane = 0; plane < channels.Length; plane += vertical.Input * horizontal.Input)
            for (int tapY = 0; tapY < vertical.Kernel; tapY++)
                for (int tapX = 0; tapX < horizontal.Kernel; tapX++)
                    for (int y = 0; y < vertical.Output; y++)
                    {
                        int fromY = vertical.Position(y, tapY);
                        var row = vertical.Contains(fromY) ? channels.Slice(plane + fromY * horizontal.Input, horizontal.Input) : [];
                        CopyRow(row, horizontal, tapX, patches.Slice(next, horizontal.Output));
                        next += horizontal.Output;
                    }
    }

    static void CopyRow(ReadOnlySpan<double> row, Sliding sliding, int tap, Span<double> to)
    {
        if (sliding.Stride != 1)
        {
            for (int x = 0; x < to.Length; x++)
            {
                int from = sliding.Position(x, tap);
                to[x] = (uint)from < (uint)row.Length ? row[from] : 0;
            }
            return;
        }
        int start = sliding.Position(0, tap);
        int before = Math.Clamp(-start, 0, to.Length), first = Math.Clamp(start, 0, row.Length);
        int count = Math.Min(row.Length - first, to.Length - before);
        to[..before].Clear();
        row.Slice(first, count).CopyTo(to[before..]);
        to[(before + count)..].Clear();
    }

    static void AddBias(NdArray result, NdArray? bias, int pixels)
    {
        if (bias is null)
            return;
        for (int i = 0; i < result.Count; i++)
            result.Data[i] += bias.Data[i / pixels % bias.Count];
    }
}
