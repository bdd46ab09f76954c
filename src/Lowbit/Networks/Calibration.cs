using Lowbit.Networks.Layers;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>Statistics that a network takes of some images without learning from them.</summary>
public static class Calibration
{
    /// <summary>Sets the scales of activations from the statistics of some images, all else left as it is, and learns them from there on.</summary>
    /// <param name="network">The network; it is left in the mode that it is in.</param>
    /// <param name="images">Batches of images as <see cref="Network.forward"/> takes them.</param>
    public static void Calibrate(this Network network, IEnumerable<Tensor> images)
    {
        Observe(network, images, () =>
        {
            network.eval();
            foreach (var quantization in network.modules().OfType<ActivationQuantization>()) quantization.train();
        });
        network.FinishStatistics();
    }

    /// <summary>Lets batch norms follow the statistics of some images, as in training, but nothing learn.</summary>
    /// <param name="network">The network; it is left in the mode that it is in.</param>
    /// <param name="images">Batches of images as <see cref="Network.forward"/> takes them.</param>
    public static void RecalibrateBatchNorm(this Network network, IEnumerable<Tensor> images) => Observe(network, images, () => network.train());

    /// <summary>
    /// Sets the statistics of batch norms to the mean of those of some batches, each batch normalized by its own as in training; nothing else changes. Without images they stay as they are.
    /// Nagel et al. 2022, "Overcoming Oscillations in Quantization-Aware Training".
    /// </summary>
    /// <param name="network">The network; it is left in the mode that it is in.</param>
    /// <param name="images">Batches of images as <see cref="Network.forward"/> takes them.</param>
    public static void EstimateBatchNorm(this Network network, IEnumerable<Tensor> images)
    {
        (BatchNormLayer Norm, double Momentum)[] norms = [.. network.modules().OfType<BatchNormLayer>().Select(norm => (norm, norm.Momentum))];
        if (norms.Length == 0) return;
        int batches = 0;
        try
        {
            Observe(network, images,
                setMode: () =>
                {
                    network.eval();
                    foreach (var (norm, _) in norms) norm.train();
                },
                beforeBatch: () =>
                {
                    batches++;
                    foreach (var (norm, _) in norms) norm.Momentum = 1.0 / batches;
                });
        }
        finally
        {
            foreach (var (norm, momentum) in norms) norm.Momentum = momentum;
        }
    }

    static void Observe(Network network, IEnumerable<Tensor> images, Action setMode, Action? beforeBatch = null)
    {
        using var _ = no_grad();
        bool wasTraining = network.training;
        try
        {
            setMode();
            foreach (Tensor batch in images)
            {
                using var step = new StepScope();
                beforeBatch?.Invoke();
                network.forward(batch);
            }
        }
        finally
        {
            network.train(wasTraining);
        }
    }
}
