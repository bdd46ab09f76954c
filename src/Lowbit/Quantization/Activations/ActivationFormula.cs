using Lowbit.Graphs;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// A quantizer of activations: what it declares of itself (<see cref="ActivationScale"/>), and the module that computes its scale. Each is a file
/// of this folder.
/// </summary>
public abstract class ActivationFormula : ActivationScale
{
    /// <summary>The module that quantizes values of the given shape, with the state that it learns.</summary>
    public abstract ActivationQuantization Create(ActivationQuantizer quantizer, Shape shape);
}
