using Lowbit.Data;
using Lowbit.Integers;
using Lowbit.Runtime;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>How integer networks do on images.</summary>
public static class IntegerEvaluation
{
    /// <summary>Runs an integer network on images by its interpreter.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batches">The images, raw, with their labels; each batch is disposed when it is done.</param>
    /// <param name="data">What the images are.</param>
    /// <param name="loss">The loss of the score.</param>
    /// <exception cref="LowbitException">The network takes other images, or tells fewer classes apart.</exception>
    public static Evaluation Of(IntegerNetwork network, IEnumerable<Batch> batches, DatasetInfo data, Loss loss)
    {
        ValueShape shape = network.Image.Shape;
        if (shape != new ValueShape(data.Channels, data.Height, data.Width)) throw new LowbitException($"the network takes images of {shape}; those of {data.Name} are {data.Shape}");
        if (network.Classes < data.Classes.Count) throw new LowbitException($"the network gives {network.Classes} values for each image; {data.Name} has {data.Classes.Count} classes");
        var interpreter = new Interpreter(network);
        return Evaluation.Of(images => tensor(interpreter.Run(ExactIntegers.PixelsOf(images)), [images.shape[0], network.Classes]), batches, loss, CPU);
    }
}
