namespace Lowbit.Graphs;

/// <summary>
/// Whether weights are brought to mean 0 and variance 1 before they are quantized: (w - mean w) / sqrt(var w + 1e-10). Gradients go through both statistics.
/// Li et al. 2020, "Additive Powers-of-Two Quantization".
/// </summary>
public enum WeightNormalization
{
    /// <summary>They are quantized as they are.</summary>
    None,

    /// <summary>All weights of a layer together, as the paper has it.</summary>
    Layer,

    /// <summary>The weights of each output channel.</summary>
    Channel,
}
