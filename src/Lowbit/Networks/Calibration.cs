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

    static void Observe(Network network, IEnumerable<Tensor> images, Action setMode)
    {
        using var _ = no_grad();
        bool wasTraining = network.training;
        try
        {
            setMode();
            foreach (Tensor batch in images)
            {
                using var scope = NewDisposeScope();
                network.forward(batch);
            }
        }
        finally
        {
            network.train(wasTraining);
        }
    }
}
