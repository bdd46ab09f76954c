using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Analysis;

/// <summary>Whether a kernel can slide over what it is given: shapes that ONNX Runtime finds wrong only when it runs, or not at all.</summary>
static class WindowCheck
{
    /// <exception cref="LowbitException">It cannot.</exception>
    public static void Check(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        CheckAttributes(node);
        bool isConvolution = node.Kind is "Conv" or "ConvInteger" or "QLinearConv" or "FusedConv";
        if (inputs.ElementAtOrDefault(0)?.Shape is not { Length: > 2 } image) return;
        int[]? kernel = node.Ints("kernel_shape");
        if (isConvolution && inputs.ElementAtOrDefault(node.Kind is "QLinearConv" ? 3 : 1)?.Shape is { } weights)
        {
            CheckWeights(node, image, weights, kernel);
            kernel = weights[2..];
        }
        else if (node.Kind is not ("MaxPool" or "AveragePool" or "LpPool" or "QLinearAveragePool")) return;
        if (kernel is null || kernel.Length != image.Length - 2) throw new LowbitException($"its kernel_shape does not fit an input of shape {NdArray.Text(image)}");
        if (node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID")) return;
        CheckExtent(node, image, kernel);
    }

    static void CheckAttributes(OnnxNode node)
    {
        foreach (string name in (string[])["strides", "dilations", "kernel_shape"])
            if (node.Ints(name) is { } sizes && sizes.Any(size => size < 1)) throw new LowbitException($"its {name} are {NdArray.Text(sizes)}; they must be positive");
        if (node.Int("group", 1) < 1) throw new LowbitException($"its group is {node.Int("group", 1)}; it must be positive");
    }

    static void CheckWeights(OnnxNode node, int[] image, int[] weights, int[]? kernel)
    {
        if (weights.Length != image.Length) throw new LowbitException($"its weights are of shape {NdArray.Text(weights)}, its input of {NdArray.Text(image)}");
        if (kernel is not null && !kernel.AsSpan().SequenceEqual(weights.AsSpan(2)))
            throw new LowbitException($"its kernel_shape {NdArray.Text(kernel)} is not that of its weights, {NdArray.Text(weights)}");
        long groups = node.Int("group", 1);
        if (weights[0] % groups != 0 || image[1] != groups * weights[1])
            throw new LowbitException($"{groups} groups do not fit {image[1]} channels and weights of shape {NdArray.Text(weights)}");
    }

    static void CheckExtent(OnnxNode node, int[] image, int[] kernel)
    {
        int[] dilations = node.Ints("dilations") ?? [.. kernel.Select(_ => 1)], pads = node.Ints("pads") ?? new int[2 * kernel.Length];
        int[]? strides = node.Ints("strides");
        if (dilations.Length != kernel.Length || pads.Length != 2 * kernel.Length || (strides is not null && strides.Length != kernel.Length))
            throw new LowbitException($"its strides, pads and dilations are not those of {kernel.Length} axes");
        if (pads.Any(pad => pad < 0)) throw new LowbitException($"its pads are {NdArray.Text(pads)}; they must not be negative");
        for (int axis = 0; axis < kernel.Length; axis++)
        {
            long extent = (kernel[axis] - 1L) * dilations[axis] + 1, room = (long)image[axis + 2] + pads[axis] + pads[axis + kernel.Length];
            if (extent > room) throw new LowbitException($"its kernel covers {extent} of the {room} elements there are");
        }
    }
}
