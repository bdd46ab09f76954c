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
            || !FusedNormalize.Takes(x, other, range, sum)) return nodeByNode(inputs);

        Tensor y = norm.training
            ? FusedNormalize.Train(x, norm.Parameters, range, other, sum)
            : FusedNormalize.Evaluate(x, norm.Parameters, range, other, sum);
        return new(y, (sum ?? range).Scale, null, (second ?? first).Quantization.Quantizer.BitWidth);
    }

    bool Sum(out ScaledRange? range)
    {
        range = second?.Quantization.ScaledRange(second.Value.Relu);
        return second is null || range is not null;
    }
}
