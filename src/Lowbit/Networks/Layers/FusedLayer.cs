using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>
/// A batch norm, a quantizer and what belongs to them as one kernel, where it can take the values as they are; otherwise node by node.
/// </summary>
/// <param name="norm">The batch norm.</param>
/// <param name="first">The quantizer behind it, and whether a ReLU lies between.</param>
/// <param name="second">The quantizer behind the residual add, and whether a ReLU lies between; null where nothing is added.</param>
/// <param name="nodeByNode">The same nodes one after the other.</param>
sealed class FusedLayer(
    BatchNormLayer norm, (ActivationQuantization Quantization, bool Relu) first, (ActivationQuantization Quantization, bool Relu)? second, Layer nodeByNode)
{
    /// <summary>Runs the nodes on the batch norm's input and, where there is an add, its other operand.</summary>
    public QuantizedTensor Forward(ReadOnlySpan<QuantizedTensor> inputs)
    {
        Tensor x = inputs[0].Value;
        Tensor? other = second is null ? null : inputs[1].Value;
        if ((!norm.training && is_grad_enabled())
            || first.Quantization.ScaledRange(first.Relu) is not { } range
            || !Sum(out ScaledRange? sum)
            || (!norm.training && (range.Collecting ?? sum?.Collecting) is not null)   // the kernel of evaluation knows no statistics
            || (range.Collecting is { } collecting && collecting.Statistic == sum?.Collecting?.Statistic)   // the second may no longer collect once the first has
            || !FusedNormalize.Takes(x, range, other, sum)) return nodeByNode(inputs);

        int bits = (second ?? first).Quantization.Quantizer.BitWidth;
        if (!norm.training) return new(FusedNormalize.Evaluate(x, norm.Parameters, range, other, sum), (sum ?? range).Scale, null, bits);
        var (value, scale) = FusedNormalize.Train(x, norm.Parameters, range, other, sum);
        return new(value, scale, null, bits);
    }

    bool Sum(out ScaledRange? range)
    {
        range = second?.Quantization.ScaledRange(second.Value.Relu);
        return second is null || range is not null;
    }
}
