using Lowbit.Graphs.Integers;
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
        return new((x - Constants(node.Mean, x)) / Constants(node.Std, x));
    };

    /// <summary>The sum; with the operands' scale only where <paramref name="type"/> says that they share one.</summary>
    public static Layer Add(IntegerType? type) => inputs =>
    {
        Tensor sum = inputs[0].Value.add(inputs[1].Value, alpha: CachedScalar.Of(1));
        return type is null ? new(sum) : new(sum, inputs[0].Scale, ZeroPoint(inputs[0].ZeroPoint, inputs[1].ZeroPoint), type.BitWidth);
    };

    /// <summary>ReLU; it keeps integers where its input has some, but for those with a zero point.</summary>
    public static Layer Relu(IntegerType? type) => inputs =>
    {
        Tensor value = nn.functional.relu(inputs[0].Value);
        return type is null ? new(value) : inputs[0].With(value);
    };

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
        double area = node.Kernel * node.Kernel, dropped = 1 << node.DroppedBits(x.BitWidth);
        Tensor sum = StraightThrough.Round(mean * CachedScalar.Of(area) / inputScale);
        Tensor scale = inputScale * CachedScalar.Of(dropped / area);
        return new(StraightThrough.Floor(sum / CachedScalar.Of(dropped)) * scale, scale, null, bits);
    }

    /// <summary>The zero point of a sum.</summary>
    static Tensor? ZeroPoint(Tensor? left, Tensor? right) => left is null || right is null ? left ?? right : left.add(right, alpha: CachedScalar.Of(1));

    /// <summary>Constants as a tensor that broadcasts over x [N, C, H, W].</summary>
    static Tensor Constants(IEnumerable<double> values, Tensor x) => tensor(values.ToArray(), dtype: x.dtype, device: x.device).view(1, -1, 1, 1);
}
