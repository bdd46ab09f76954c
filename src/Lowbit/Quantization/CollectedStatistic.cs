using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// A value that starts as a statistic of training batches and is then learned. While it is collected, training uses the batch's own
/// statistic and keeps a running mean (the first batch copied, then 0.9 old + 0.1 new), which evaluation uses; after the last collected
/// batch the running mean becomes the parameter.
/// </summary>
sealed class CollectedStatistic : nn.Module
{
    const double Momentum = 0.1;

    readonly int steps;
    readonly Func<Tensor, Tensor> toParameter;
    readonly Parameter value;
    readonly Tensor running;
    Tensor batches;   // on the CPU, wherever the rest is: it is read in every step, which would wait for all operations that a GPU has still to do

    /// <summary>A statistic of the given shape, collected for <paramref name="steps"/> batches, before them 1.</summary>
    /// <param name="shape">The statistic's shape, [] for one value.</param>
    /// <param name="steps">Training batches that are collected.</param>
    /// <param name="toParameter">What of the statistic is learned: itself, or its logarithm.</param>
    public CollectedStatistic(long[] shape, int steps, Func<Tensor, Tensor> toParameter) : base(nameof(CollectedStatistic))
    {
        this.steps = steps;
        this.toParameter = toParameter;
        running = ones(shape);
        batches = zeros([], int64);
        value = new Parameter(toParameter(running.clone()));
        RegisterComponents();
    }

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        Tensor onCpu = batches.clone().DetachFromDisposeScope();
        base._toEpilog(dtype, device, non_blocking);
        batches.Dispose();
        ConditionallyRegisterBuffer(nameof(batches), batches = onCpu);
    }

    /// <summary>The parameter: learned once the statistics are collected, until then what it would be learned from.</summary>
    public Parameter Value => value;

    /// <summary>Whether the next training batch still enters the statistics.</summary>
    public bool IsCollecting => batches.item<long>() < steps;

    /// <summary>Takes a batch's statistic into the running mean.</summary>
    public void Collect(Tensor statistic)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        bool first = batches.item<long>() == 0;
        running.mul_(CachedScalar.Of(first ? 0 : 1 - Momentum)).add_(statistic.detach(), alpha: CachedScalar.Of(first ? 1 : Momentum));
        batches.add_(CachedScalar.Of(1), alpha: CachedScalar.Of(1));
        value.copy_(toParameter(running));
    }

    /// <summary>Ends the collection: the value is learned from here on, from what it is.</summary>
    public void Finish()
    {
        using var _ = no_grad();
        batches.fill_(CachedScalar.Of(steps));
    }
}
