using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>
/// A batch norm, a quantizer and what belongs to them as one kernel, where it can take the values as they are; otherwise node by node.
/// </summary>
/// <param name="norm">The batch norm.</param>
/// <param name="first">The quantizer after it, and whether a ReLU lies between.</param>
/// <param name="second">The quantizer after the residual add, and whether a ReLU lies between; null where nothing is added.</param>
/// <param name="use">When the kernel runs.</param>
/// <param name="nodeByNode">The same nodes one after the other.</param>
sealed class FusedLayer(
    BatchNormLayer norm, (ActivationQuantization Quantization, bool Relu) first, (ActivationQuantization Quantization, bool Relu)? second, KernelUse use, Layer nodeByNode)
{
    /// <summary>Runs the nodes on the batch norm's input and, where there is an add, its other operand.</summary>
    public QuantizedTensor Forward(ReadOnlySpan<QuantizedTensor> inputs)
    {
        Tensor x = inputs[0].Value;
        Tensor? other = second is null ? null : inputs[1].Value;
        bool collecting = first.Quantization.IsCollecting || second is { Quantization.IsCollecting: true };
        if ((collecting && use != KernelUse.Always)
            || (!norm.training && (collecting || is_grad_enabled()))   // the kernel of evaluation knows no statistics, and no gradients
            || !FusedNormalize.Takes(x, other)) return nodeByNode(inputs);

        ScaledRange range = first.Quantization.ScaledRange(first.Relu);
        ScaledRange? sum = second?.Quantization.ScaledRange(second.Value.Relu);
        int bits = (second ?? first).Quantization.Quantizer.BitWidth;
        if (!norm.training) return new(FusedNormalize.Evaluate(x, norm.Parameters, range, other, sum), (sum ?? range).Scale, null, bits);
        var (value, scale) = FusedNormalize.Train(x, norm.Parameters, range, other, sum);
        return new(value, scale, null, bits);
    }
}
