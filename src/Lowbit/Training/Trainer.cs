using System.Diagnostics;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>Trains a network for one epoch after the other.</summary>
sealed class Trainer(Network network, Loss loss, Optimizer optimizer)
{
    static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(0.25);

    /// <summary>Is told in each step when all gradients are there.</summary>
    public Action? GradientsFinished { get; set; }

    /// <summary>
    /// Trains on a sequence of batches, which belong to an epoch of <paramref name="batches"/>. Returns how many batches of the epoch are done:
    /// all, or fewer when cancelled.
    /// </summary>
    /// <exception cref="LowbitException">The loss is no longer a number; the message names the first node that gives none, as the network is then.</exception>
    public int Train(
        IEnumerable<Batch> images, int firstBatch, int batches, Func<int, double> learningRate, ScoreSum sum,
        Action<int, TimeSpan> report, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan reported = TimeSpan.Zero;
        int done = firstBatch;
        network.train();
        try
        {
            foreach (Batch batch in images)
            {
                using (batch)
                {
                    Step(batch, learningRate(batch.Index), sum);
                    done = batch.Index + 1;
                    if (clock.Elapsed - reported > BetweenReports || done == batches)
                    {
                        reported = clock.Elapsed;
                        if (!double.IsFinite(sum.Read().Loss))
                            throw new LowbitException($"The loss is no longer a number at batch {done}: {FirstBadNode.Of(network, batch.Images)}; "
                                + "a lower optimizer.learning_rate or more scheduler.warmup_epochs may help");
                        report(done, clock.Elapsed);
                    }
                }
                if (cancel.IsCancellationRequested) return done;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return done;   // cancelled while it waited for a batch
        }
        return batches;
    }

    /// <summary>One step: forward, backward, the optimizer's, and the score of the batch.</summary>
    public void Step(Batch batch, double learningRate, ScoreSum sum)
    {
        using var scope = new StepScope();
        Tensor labels = batch.Labels.to(network.Device), logits = network.forward(batch.Images.to(network.Device));
        Tensor value = loss(logits, labels);
        optimizer.ZeroGrad();
        value.backward();
        GradientsFinished?.Invoke();
        optimizer.Step(learningRate);
        network.AfterStep();
        sum.Add(value, logits, labels);
    }
}
