using Lowbit.Graphs;
using Lowbit.Quantization.Activations;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Quantized activations: <c>y = s * (clamp(round(x / s + z), low, high) - z)</c>, the gradient cut outside the range. A module, because most
/// scales are learned; which one is the choice of the quantizer's <see cref="ActivationFormula"/>. Two places of a network that share a scale share the module.
/// </summary>
public abstract class ActivationQuantization : nn.Module<Tensor, QuantizedTensor>
{
    /// <summary>The module of a quantizer.</summary>
    protected ActivationQuantization(ActivationQuantizer quantizer) : base(nameof(ActivationQuantization)) =>
        (Quantizer, Kernels) = (quantizer, KernelChoice.Of(quantizer));

    /// <summary>What it computes.</summary>
    public ActivationQuantizer Quantizer { get; }

    /// <summary>The module of a quantizer, for values of the given shape.</summary>
    /// <exception cref="GraphException">The quantizer declares what it is but has no formula.</exception>
    public static ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape) => quantizer.Scale is ActivationFormula formula
        ? formula.Create(quantizer, shape)
        : throw new GraphException($"The quantizer {quantizer.Scale.Name} has no formula; it is one if it derives from {nameof(ActivationFormula)}");

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

    /// <summary>Whether the next training batch enters the statistics that set the scale.</summary>
    internal bool CollectsStatistics => modules().OfType<CollectedStatistic>().Any(statistic => statistic.IsCollecting);

    /// <summary>Learned values that the scale is a positive multiple of, and that are positive themselves; null where there are none.</summary>
    internal virtual Tensor? Thresholds => null;

    /// <summary>To call after an optimizer has moved the thresholds: the scale is that of their magnitude, so that those which crossed 0 are turned around.</summary>
    internal void AfterStep()
    {
        using var _ = no_grad();
        Thresholds?.abs_();
    }

    /// <summary>When values are quantized by a kernel, rather than by plain torch operations.</summary>
    internal KernelUse Kernels { get; set; }

    /// <summary>Quantizes x, [N, C, H, W] or [N, features]; in training, statistics are taken of it while they are collected.</summary>
    public override QuantizedTensor forward(Tensor x)
    {
        bool byKernel = Kernels != KernelUse.Never && DenseMemory.IsDense(x);
        if (byKernel && IsCollecting && Kernels == KernelUse.Always) return CollectAndQuantize(x, Collecting!);
        var (scale, zeroPoint) = training ? TrainingScale(x) : EvaluationScale;
        Tensor value = byKernel
            ? FastQuantize.Quantize(x, scale, Quantizer.Range)
            : Rounding.QuantizeStraightThroughClipped(x, scale, zeroPoint, Quantizer.Range);
        return new(value, scale, zeroPoint, Quantizer.BitWidth);
    }

    /// <summary>Whether the next batch enters the statistics that the scale follows.</summary>
    internal bool IsCollecting => training && Collecting is not null;

    /// <summary>What a kernel needs to know that quantizes together with other nodes, after a ReLU or not.</summary>
    internal ScaledRange ScaledRange(bool afterRelu)
    {
        Tensor scale = EvaluationScale.Scale;
        return IsCollecting ? new(scale.detach(), Collecting, Quantizer.Range, afterRelu) : new(scale, null, Quantizer.Range, afterRelu);
    }

    /// <summary>What takes the next training batch's statistic, and makes the scale of it; null where the scale is there already.</summary>
    private protected virtual IBatchThreshold? Collecting => null;

    /// <summary>Quantizes a batch that enters the statistics; the scale's gradient goes to the value that it was made of.</summary>
    unsafe QuantizedTensor CollectAndQuantize(Tensor x, IBatchThreshold threshold)
    {
        var (magnitude, element) = threshold.Of(new MagnitudesInMemory(DenseMemory.Pointer(x), x.numel()));
        float made = threshold.Collect(magnitude);
        Tensor scale = tensor(made);
        bool isOfElement = magnitude > 0 && made == magnitude / threshold.Divisor;
        return new(FastQuantize.Quantize(x, scale, Quantizer.Range, isOfElement ? element : -1, threshold.Divisor), scale, null, Quantizer.BitWidth);
    }

    /// <summary>The scale and the zero point for a training batch, which may enter their statistics.</summary>
    protected abstract (Tensor Scale, Tensor? ZeroPoint) TrainingScale(Tensor x);
}
