using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>How a network does on a set of images, class by class.</summary>
/// <param name="Score">Over all images.</param>
/// <param name="Confusion">Images by [true class, predicted class].</param>
public sealed record Evaluation(Score Score, long[,] Confusion)
{
    /// <summary>Classes in the confusion matrix.</summary>
    public int Classes => Confusion.GetLength(0);

    /// <summary>The fraction of a class's images that were recognized; NaN where it has none.</summary>
    public double AccuracyOf(int label)
    {
        long images = Enumerable.Range(0, Classes).Sum(predicted => Confusion[label, predicted]);
        return (double)Confusion[label, label] / images;
    }

    /// <summary>Evaluates a network in evaluation mode, and leaves it in the mode it had.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batches">The images, raw, with their labels; each batch is disposed when it is done.</param>
    /// <param name="loss">The loss of the score.</param>
    /// <param name="watch">Is shown each batch with its logits.</param>
    /// <param name="cancel">Ends the evaluation early.</param>
    /// <exception cref="LowbitException">The loss of a batch is not a number; the message names the first node that gives none.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static Evaluation Of(Network network, IEnumerable<Batch> batches, Loss loss, Action<Batch, Tensor>? watch = null, CancellationToken cancel = default)
    {
        bool wasTraining = network.training;
        network.eval();
        try
        {
            return Of(network.forward, batches, loss, network.Device, images => FirstBadNode.Of(network, images), watch, cancel);
        }
        finally
        {
            network.train(wasTraining);
        }
    }

    /// <summary>Evaluates anything that gives logits [N, classes] for images [N, C, H, W].</summary>
    /// <param name="logitsOf">The logits of images.</param>
    /// <param name="batches">The images, raw, with their labels; each batch is disposed when it is done.</param>
    /// <param name="loss">The loss of the score.</param>
    /// <param name="device">Where the logits are computed.</param>
    /// <param name="explain">Tells, once the loss of images is not a number, what gives that.</param>
    /// <param name="watch">Is shown each batch with its logits.</param>
    /// <param name="cancel">Ends the evaluation early.</param>
    /// <exception cref="LowbitException">The loss of a batch is not a number.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static Evaluation Of(
        Func<Tensor, Tensor> logitsOf, IEnumerable<Batch> batches, Loss loss, Device device, Func<Tensor, string>? explain = null,
        Action<Batch, Tensor>? watch = null, CancellationToken cancel = default)
    {
        using var _ = no_grad();
        using var sum = new ScoreSum();
        using var scope = NewDisposeScope();
        Tensor? confusion = null;
        foreach (Batch batch in batches)
        {
            using (batch)
            {
                cancel.ThrowIfCancellationRequested();
                using var step = new StepScope();
                Tensor labels = batch.Labels.to(device), logits = logitsOf(batch.Images.to(device)), value = loss(logits, labels);
                if (!double.IsFinite(value.to(float64).item<double>()))
                    throw new LowbitException($"The loss of evaluation batch {batch.Index + 1} is not a number: {(explain ?? (_ => Wrong(logits)))(batch.Images)}");
                sum.Add(value, logits, labels);
                watch?.Invoke(batch, logits);
                long classes = logits.shape[1];
                confusion ??= zeros([classes * classes], int64, device).MoveToOuterDisposeScope();
                confusion.add_(bincount((labels * CachedScalar.Of(classes)).add_(logits.argmax(1), alpha: CachedScalar.Of(1)), minlength: classes * classes), alpha: CachedScalar.Of(1));
            }
        }
        return new(sum.Read(), Square(confusion));
    }

    static string Wrong(Tensor logits) => StateNumbers.NotFinite("a logit", logits) ?? "every logit is, so that it comes from the loss itself";

    static long[,] Square(Tensor? counts)
    {
        if (counts is null) return new long[0, 0];
        long[] values = counts.cpu().data<long>().ToArray();
        int classes = (int)Math.Sqrt(values.Length);
        var square = new long[classes, classes];
        Buffer.BlockCopy(values, 0, square, 0, values.Length * sizeof(long));
        return square;
    }
}
