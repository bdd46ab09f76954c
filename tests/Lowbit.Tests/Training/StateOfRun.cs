using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>The bits of what a run has left in its latest checkpoint.</summary>
static class StateOfRun
{
    /// <summary>Every tensor of the network that the checkpoint gives.</summary>
    public static Dictionary<string, string> Network(RunFolder run) => Of(run, checkpoint => checkpoint.State);

    /// <summary>Every tensor of what the run does in its steps beside loss and optimizer.</summary>
    public static Dictionary<string, string> Techniques(RunFolder run) => Of(run, checkpoint => checkpoint.TechniqueState);

    static Dictionary<string, string> Of(RunFolder run, Func<Checkpoint, IReadOnlyDictionary<string, TorchSharp.torch.Tensor>> part)
    {
        using Checkpoint checkpoint = Checkpoint.Read(run.Latest);
        return part(checkpoint).ToDictionary(entry => entry.Key, entry => Convert.ToHexString(entry.Value.bytes));
    }
}
