using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Health;

/// <summary>How the network of a run does, beside its scores: measured after each epoch, and looked into where the loss is no number or the accuracy is that of chance.</summary>
sealed class RunHealth : IDisposable
{
    readonly Advice advice;
    readonly Divergence divergence;
    readonly ProbeImages images;
    readonly NetworkHealth layers;
    readonly ChanceLevel chance;
    bool epochFinished;

    /// <param name="network">The network.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="options">What the run was asked for.</param>
    /// <param name="continuedFrom">The checkpoint that it continues from; null for a new run.</param>
    public RunHealth(Network network, DatasetSplits data, RunOptions options, string? continuedFrom)
    {
        advice = new(network.Graph, options);
        divergence = new(network, advice, continuedFrom ?? (options as RunConfiguration)?.Model.Pretrained);
        images = new(data, options.Training.BatchSize, options.Seed.Value);
        layers = new(network, images);
        chance = new(network, data, images, advice);
    }

    /// <summary>Why the loss is no longer a number, and what to change; to stand after a colon.</summary>
    /// <param name="batch">The images of the batch.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="steps">Steps before it in the epoch, since the process began.</param>
    public string Explain(Tensor batch, double rate, int steps) => divergence.Of(batch, rate, isStart: !epochFinished && steps < Divergence.FirstSteps);

    /// <summary>The settings of the run, and what to change where its state is no longer numbers.</summary>
    public string ToChange(double rate) => $"{advice.Settings(null, rate)} {advice.ToChange(null, rate)}";

    /// <summary>The state of every quantized layer and activation after an epoch; none for a float network.</summary>
    public IReadOnlyList<LayerHealth> Measure(CancellationToken cancel)
    {
        epochFinished = true;
        return layers.Measure(cancel);
    }

    /// <summary>What is to be said about an epoch whose accuracy is that of chance; null for others.</summary>
    public string? Notice(EpochResult result, int batches) => chance.Notice(result, batches);

    /// <inheritdoc/>
    public void Dispose()
    {
        layers.Dispose();
        images.Dispose();
    }
}
