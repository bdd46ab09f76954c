using System.Diagnostics;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>Trains a network for one epoch after the other.</summary>
sealed class Trainer(Network network, Loss loss, Optimizer optimizer)
{
    static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(0.25);

    int steps;

    /// <summary>Is told in each step when all gradients are there.</summary>
    public Action? GradientsFinished { get; set; }

    /// <summary>What it does in its steps beside loss and optimizer; null for nothing.</summary>
    public Techniques? Techniques { get; init; }

    /// <summary>The part of the run's steps that is done before a batch of the epoch, 0 to 1.</summary>
    public Func<int, double> Progress { get; init; } = _ => 0;

    /// <summary>Tells why the loss of a batch is no longer a number, from its images, the learning rate and the steps taken before.</summary>
    public Func<Tensor, double, int, string> Explain { get; init; } = (images, _, _) => FirstBadNode.Of(network, images);

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
                    steps++;
                    done = batch.Index + 1;
                    if (clock.Elapsed - reported > BetweenReports || done == batches)
                    {
                        reported = clock.Elapsed;
                        RequireNumber(sum.Read().Loss, batch, learningRate(batch.Index));   // elsewhere than on the CPU, where each step would wait for it
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

    void RequireNumber(double loss, Batch batch, double learningRate)
    {
        if (!double.IsFinite(loss)) throw new LowbitException($"The loss is no longer a number at batch {batch.Index + 1}: {Explain(batch.Images, learningRate, steps)}");
    }

    /// <summary>One step: forward, backward, the optimizer's, and the score of the batch.</summary>
    public void Step(Batch batch, double learningRate, ScoreSum sum)
    {
        using var scope = new StepScope();
        Techniques?.BeginStep(Progress(batch.Index));
        Tensor labels = batch.Labels.to(network.Device), images = batch.Images.to(network.Device), logits = network.forward(images);
        Tensor value = loss(logits, labels);
        if (Techniques is not null) value = Techniques.LossOf(value, images, logits);
        if (value.device.type == TorchSharp.DeviceType.CPU) RequireNumber(value.to(float64).item<double>(), batch, learningRate);   // before the weights are spoiled
        optimizer.ZeroGrad();
        value.backward();
        GradientsFinished?.Invoke();
        optimizer.Step(learningRate);
        network.AfterStep();
        Techniques?.AfterStep();
        sum.Add(value, logits, labels);
    }
}
