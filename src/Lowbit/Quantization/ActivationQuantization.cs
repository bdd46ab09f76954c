using Lowbit.Graphs;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Quantized activations: <c>y = s * (clamp(round(x / s + z), low, high) - z)</c>, the gradient cut outside the range. A module, because most
/// scales are learned; which one is <see cref="ActivationScale"/>'s choice. Two places of a network that share a scale share the module.
/// </summary>
public abstract class ActivationQuantization : nn.Module<Tensor, QuantizedTensor>
{
    private protected ActivationQuantization(ActivationQuantizer quantizer) : base(nameof(ActivationQuantization)) => Quantizer = quantizer;

    /// <summary>What it computes.</summary>
    public ActivationQuantizer Quantizer { get; }

    /// <summary>The module of a quantizer, for values of the given shape.</summary>
    public static ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => quantizer.Scale switch
    {
        ActivationScale.Constant or ActivationScale.FixedPointUnit => new ConstantActivations(quantizer),
        ActivationScale.Shifted => new ShiftedActivations(quantizer),
        _ => new LearnedActivations(quantizer, shape),
    };

    /// <summary>
    /// The module of another quantizer that uses this one's scale and statistics: the same where both have the same integers. Otherwise it has no state of its own.
    /// </summary>
    internal ActivationQuantization SharedBy(ActivationQuantizer quantizer) => quantizer == Quantizer ? this : Sharing(quantizer);

    /// <summary>A module of other integers at this one's scale.</summary>
    private protected virtual ActivationQuantization Sharing(ActivationQuantizer quantizer) => new SharedActivations(quantizer, this);

    /// <summary>The scale and the zero point (null for 0) that evaluation uses.</summary>
    public abstract (Tensor Scale, Tensor? ZeroPoint) EvaluationScale { get; }

    /// <summary>Takes the scale as it is and learns it from here on: its statistics count as collected.</summary>
    public void FinishStatistics()
    {
        foreach (var statistic in modules().OfType<CollectedStatistic>()) statistic.Finish();
    }

    /// <summary>Whether values are quantized by fast kernels where there are some, rather than by plain torch operations.</summary>
    public bool UseKernels { get; set; } = true;

    /// <summary>Whether other nodes compute with the scale: then, while it is a statistic of the batch, gradients reach the batch from there, too, which kernels do not know.</summary>
    internal bool IsScaleRead { get; set; }

    /// <summary>Quantizes x, [N, C, H, W] or [N, features]; in training, statistics are taken of it while they are collected.</summary>
    public override QuantizedTensor forward(Tensor x)
    {
        if (training && UseKernels && !IsScaleRead && CollectAndQuantize(x) is { } quantized) return quantized;
        var (scale, zeroPoint) = training ? TrainingScale(x) : EvaluationScale;
        Tensor value = UseKernels && FastQuantize.Takes(x, scale, zeroPoint)
            ? FastQuantize.Quantize(x, scale, Quantizer.Range)
            : Rounding.QuantizeCutting(x, scale, zeroPoint, Quantizer.Range);
        return new(value, scale, zeroPoint, Quantizer.BitWidth);
    }

    /// <summary>What a kernel needs to know that quantizes together with other nodes, behind a ReLU or not; null where none can.</summary>
    internal ScaledRange? ScaledRange(bool behindRelu)
    {
        if (!UseKernels || EvaluationScale is not { Scale: { } scale, ZeroPoint: null } || scale.dim() > 0) return null;
        IBatchThreshold? collecting = training ? Collecting : null;
        if (collecting is not null && IsScaleRead) return null;
        return new(collecting is null ? scale : scale.detach(), collecting, Quantizer.Range, behindRelu);
    }

    /// <summary>What takes the next training batch's statistic, and makes the scale of it; null where the scale is there already.</summary>
    private protected virtual IBatchThreshold? Collecting => null;

    /// <summary>Quantizes a training batch that enters the statistics, where a kernel does both; null where none does.</summary>
    private protected virtual QuantizedTensor? CollectAndQuantize(Tensor x) => null;

    /// <summary>The scale and the zero point for a training batch, which may enter their statistics.</summary>
    protected abstract (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x);
}
