using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Training.Health;

/// <summary>A few training images that a network is looked at with: the first of the order of the first epoch, which follows from the seed, so that all classes are among them.</summary>
/// <param name="data">The images of the run.</param>
/// <param name="batchSize">Images of a training batch.</param>
/// <param name="seed">The seed of the run.</param>
sealed class ProbeImages(DatasetSplits data, int batchSize, int seed) : IDisposable
{
    const int Fewest = 16, Most = 64;

    Batch? batch;

    /// <summary>Images, [N, C, H, W], read when they are first asked for.</summary>
    /// <exception cref="LowbitException">None of them can be read.</exception>
    public Tensor Images(CancellationToken cancel = default) =>
        (batch ??= data.TrainingLoader(Math.Clamp(batchSize, Fewest, Most), seed).Epoch(0, cancel: cancel).First()).Images;

    /// <summary>Runs them in evaluation mode, node by node, and shows the value of every node; the network is left in the mode it had.</summary>
    public void RunIn(Network network, Action<Node, QuantizedTensor> observe, CancellationToken cancel = default)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        bool wasTraining = network.training;
        network.eval();
        try
        {
            network.RunNodeByNode(Images(cancel).to(network.Device), observe);
        }
        finally
        {
            network.train(wasTraining);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => batch?.Dispose();
}
