namespace Lowbit.Training.Benchmarks;

/// <summary>The ways to take a training step that are compared.</summary>
public enum StepVariant
{
    /// <summary>The float twin, in libtorch's own operations, channels last.</summary>
    Float,

    /// <summary>The quantized network with Lowbit's kernels, its activation scales learned.</summary>
    Quantized,

    /// <summary>The same in the first batches of a training, while the scales of activations follow statistics.</summary>
    Collecting,

    /// <summary>The quantized network in plain torch operations, its activation scales learned.</summary>
    Plain,
}
