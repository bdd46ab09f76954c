using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>What lives no longer than one step: its tensors, and what TorchSharp keeps of native memory beside them.</summary>
sealed class StepScope : IDisposable
{
    readonly DisposeScope tensors = NewDisposeScope();

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        tensors.Dispose();

        // The numbers that operations are given (Scalar) hold a few native bytes until they are collected, thousands of them before the collector would come by itself.
        // As they lie wherever a large block was free, the next step finds that block in pieces, and the process grows.
        GC.Collect(0);
    }
}
