using Lowbit.Graphs.Nodes;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>The nodes that learn nothing.</summary>
static class StatelessLayers
{
    public static Layer Normalize(Normalize node) => inputs =>
    {
        Tensor x = inputs[0].Value;
        return new((x - Constants(node.Mean, x)) / Constants(node.Deviation, x));
    };

    public static Layer Relu => inputs => new(nn.functional.relu(inputs[0].Value));

    public static Layer Add => inputs => inputs[0] with { Value = inputs[0].Value.add(inputs[1].Value, alpha: Number.Of(1)), BitWidth = Math.Max(inputs[0].BitWidth, inputs[1].BitWidth) + 1 };

    public static Layer Flatten => inputs => inputs[0].With(inputs[0].Value.flatten(1));

    public static Layer MaxPool(MaxPool node) => inputs =>
        inputs[0].With(nn.functional.max_pool2d(inputs[0].Value, node.Kernel, node.Stride, node.Padding));

    public static Layer AveragePool(AveragePool node) => inputs =>
    {
        Tensor mean = nn.functional.avg_pool2d(inputs[0].Value, node.Kernel);
        return node.OutputBitWidth is { } bits ? TruncatedMean(inputs[0], mean, node, bits) : new(mean);
    };

    /// <summary>
    /// The mean in integers: S the sum, n its bits - output bits, y = floor(S / 2^n) * 2^n * s / k^2. The input's gradient is the exact mean's,
    /// that of s what the floor cuts off: (floor(S / 2^n) * 2^n - S) / k^2.
    /// </summary>
    static QuantizedTensor TruncatedMean(QuantizedTensor x, Tensor mean, AveragePool node, int bits)
    {
        if (x.Scale is not { } inputScale)
            throw new Graphs.GraphException($"{node.Name}: a mean of {bits} bits needs a quantized input");
        double area = node.Kernel * node.Kernel, dropped = Math.Pow(2, node.SumBitWidth(x.BitWidth) - bits);
        Tensor sum = StraightThrough.Round(mean * Number.Of(area) / inputScale);
        Tensor scale = inputScale * Number.Of(dropped / area);
        return new(StraightThrough.Floor(sum / Number.Of(dropped)) * scale, scale, null, bits);
    }

    /// <summary>Constants as a tensor that broadcasts over x [N, C, H, W].</summary>
    static Tensor Constants(IEnumerable<double> values, Tensor x) => tensor(values.ToArray(), dtype: x.dtype, device: x.device).view(1, -1, 1, 1);
}
