using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>How well a network does on a set of images.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Top1">The fraction of images whose class has the highest logit.</param>
/// <param name="Top5">The fraction of images whose class is among the five highest logits; null below five classes.</param>
public sealed record Score(double Loss, double Top1, double? Top5);

/// <summary>Adds up a score batch by batch, where the tensors are: nothing is read from the device before <see cref="Read"/>.</summary>
sealed class ScoreSum : IDisposable
{
    const int TopFive = 5;

    Tensor? sums;   // float64 [loss * images, top-1, top-5 from five classes up]
    long images;

    /// <summary>How many sums there are for a number of classes.</summary>
    public static int LengthFor(long classes) => classes >= TopFive ? 3 : 2;

    /// <summary>Images so far.</summary>
    public long Images => images;

    /// <summary>Takes in a batch.</summary>
    /// <param name="loss">The batch's mean loss.</param>
    /// <param name="logits">[N, classes].</param>
    /// <param name="labels">int64 [N].</param>
    public void Add(Tensor loss, Tensor logits, Tensor labels)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        bool topFive = logits.shape[1] >= TopFive;
        if (sums is null || sums.device_type != logits.device_type)   // of a checkpoint they come on the CPU
        {
            Tensor there = sums?.to(logits.device) ?? zeros(LengthFor(logits.shape[1]), float64, device: logits.device);
            sums?.Dispose();
            sums = there.DetachFromDisposeScope();
        }
        long count = logits.shape[0];
        images += count;
        sums[0].add_(loss.detach(), alpha: CachedScalar.Of(count));
        if (!topFive)
        {
            sums[1].add_(logits.argmax(1).eq(labels).sum(), alpha: CachedScalar.Of(1));
            return;
        }
        var (_, best) = logits.topk(TopFive, 1);
        Tensor hits = best.eq(labels.unsqueeze(1));
        sums[1].add_(hits.select(1, 0).sum(), alpha: CachedScalar.Of(1));
        sums[2].add_(hits.sum(), alpha: CachedScalar.Of(1));
    }

    /// <summary>The score of all batches so far.</summary>
    public Score Read()
    {
        if (sums is null) return new(0, 0, null);
        using Tensor onCpu = sums.cpu().clone();
        double[] values = onCpu.data<double>().ToArray();
        return new(values[0] / images, values[1] / images, values.Length > 2 ? values[2] / images : null);
    }

    /// <summary>What continues the sum after an interruption.</summary>
    public (long Images, Tensor? Sums) State
    {
        get => (images, sums);
        set => (images, sums) = (value.Images, value.Sums?.clone().DetachFromDisposeScope());
    }

    /// <summary>Starts from nothing.</summary>
    public void Clear()
    {
        sums?.Dispose();
        (images, sums) = (0, null);
    }

    public void Dispose() => sums?.Dispose();
}
