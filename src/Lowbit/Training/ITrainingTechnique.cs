using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>What a run does in its steps beside loss and optimizer.</summary>
interface ITrainingTechnique : IDisposable
{
    /// <summary>Takes the network that trains, as it is when the run begins.</summary>
    void Begin(Networks.Network network)
    {
    }

    /// <summary>Is called before a step.</summary>
    /// <param name="progress">The part of the run's steps that is done, 0 to 1.</param>
    void BeginStep(double progress)
    {
    }

    /// <summary>The loss to train with, from the loss so far.</summary>
    /// <param name="loss">One value.</param>
    /// <param name="images">The batch, [N, C, H, W].</param>
    /// <param name="logits">What the network makes of it, [N, classes].</param>
    Tensor LossOf(Tensor loss, Tensor images, Tensor logits) => loss;

    /// <summary>Is called when the optimizer has moved the weights.</summary>
    void AfterStep()
    {
    }

    /// <summary>What must be kept to go on after an interruption, by name.</summary>
    IEnumerable<(string Name, Tensor Tensor)> State => [];

    /// <summary>Takes over a state. The network is there as a checkpoint has it.</summary>
    /// <param name="state">The tensors of all techniques, by the names of <see cref="State"/>.</param>
    /// <param name="source">The checkpoint, for messages.</param>
    /// <exception cref="LowbitException">The state does not fit.</exception>
    void Load(IReadOnlyDictionary<string, Tensor> state, string source)
    {
    }
}
