using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit;

/// <summary>What lives no longer than one step: its tensors, and what TorchSharp keeps of native memory beside them.</summary>
sealed class StepScope : IDisposable
{
    readonly DisposeScope tensors = NewDisposeScope();

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        tensors.Dispose();

        // What TorchSharp leaves to the collector holds a few native bytes each, and the collector does not come by itself for many steps. As they lie
        // wherever a large block was free, the next step finds that block in pieces, and the process grows.
        GC.Collect(0);
    }
}
