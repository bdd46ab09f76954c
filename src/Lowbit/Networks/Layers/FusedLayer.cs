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
/// <param name="narrow">The quantizer of the residual stream that comes out; null where there is none.</param>
/// <param name="use">When the kernel runs.</param>
/// <param name="nodeByNode">The same nodes one after the other.</param>
sealed class FusedLayer(
    BatchNormLayer norm, (ActivationQuantization Quantization, bool Relu) first, (ActivationQuantization Quantization, bool Relu)? second, ActivationQuantization? narrow,
    KernelUse use, Func<QuantizedTensor[], QuantizedTensor[]> nodeByNode)
{
    /// <summary>Runs the nodes on the batch norm's input and, where there is an add, its other operand.</summary>
    public QuantizedTensor[] Forward(QuantizedTensor[] inputs)
    {
        Tensor x = inputs[0].Value;
        Tensor? other = second is null ? null : inputs[1].Value;
        bool collecting = first.Quantization.IsCollecting || second is { Quantization.IsCollecting: true };
        if ((collecting && use != KernelUse.Always)
            || (!norm.training && (collecting || is_grad_enabled()))   // the kernel of evaluation knows no statistics, and no gradients
            || !FusedNormalize.Takes(x, other)) return nodeByNode(inputs);

        bool narrowsAlone = narrow is { IsCollecting: true };   // the stream's magnitudes are not there before the kernel has run
        var row = new RowQuantizers(
            first.Quantization.ScaledRange(first.Relu), second?.Quantization.ScaledRange(second.Value.Relu), narrowsAlone ? null : narrow?.ScaledRange(afterRelu: false));
        var (value, scale, narrowed) = norm.training ? FusedNormalize.Train(x, norm.Parameters, row, other) : FusedNormalize.Evaluate(x, norm.Parameters, row, other);
        var stream = new QuantizedTensor(value, scale, null, (second ?? first).Quantization.Quantizer.BitWidth);
        if (narrow is null) return [stream];
        return [stream, narrowed is null ? narrow.forward(value) : new(narrowed, row.Narrow!.Value.Scale, null, narrow.Quantizer.BitWidth)];
    }
}
