using Lowbit.Configuration;
using Lowbit.Networks;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Training;

/// <summary>
/// How long gradients may be: those of all parameters together, those of the last layer, and those of every other layer's weights. What is longer is scaled down to the
/// limit, so that it keeps its direction.
/// </summary>
sealed class GradientLimits
{
    /// <summary>The largest norm of all gradients together, where the options say none.</summary>
    internal const double DefaultClipNorm = 5;

    const double SmallestNorm = 1e-3;   // so that weights that are all 0 can leave it

    readonly string[] lastLayer;
    readonly (string Name, Parameter Weight)[] weightsBeforeIt;
    readonly double norm, lastLayerNorm, ratio;

    public GradientLimits(Network network, OptimizerOptions options)
    {
        string? last = network.Graph.WeightedNodes.LastOrDefault()?.Name;
        lastLayer = [$"{last}.weight", $"{last}.bias"];
        weightsBeforeIt = [.. network.Parameters.Where(entry => network.KindOf(entry.Name) == ParameterKind.Weight && entry.Name != $"{last}.weight")];
        norm = options.ClipNorm ?? DefaultClipNorm;
        lastLayerNorm = options.LastLayerClipNorm ?? DefaultLayerLimit(options.Name);
        ratio = options.ClipRatio ?? DefaultLayerLimit(options.Name);
    }

    /// <summary>
    /// The largest norm of the last layer's gradient, and that of another layer's weights to the norm of the weights, where the options say none; 0 for any. The steps of
    /// Adam do not go by the size of gradients.
    /// </summary>
    internal static double DefaultLayerLimit(OptimizerKind kind) => kind == OptimizerKind.Sgd ? 0.5 : 0;

    /// <summary>Scales the gradients that are too long, in place.</summary>
    /// <param name="all">All of them, in any number of tensors.</param>
    /// <param name="gradients">The same by the names of their parameters.</param>
    public void Apply(IReadOnlyList<Tensor> all, IReadOnlyDictionary<string, Tensor> gradients)
    {
        if (ratio != 0) ClipByWeights([.. weightsBeforeIt.Where(entry => gradients.ContainsKey(entry.Name)).Select(entry => (entry.Weight, gradients[entry.Name]))]);
        Clip([.. lastLayer.Where(gradients.ContainsKey).Select(name => gradients[name])], lastLayerNorm);
        Clip(all, norm);
    }

    /// <summary>Scales gradients by min(1, largest norm / norm), the norm that of all together. Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".</summary>
    static void Clip(IReadOnlyList<Tensor> gradients, double largest)
    {
        if (largest == 0 || gradients.Count == 0) return;
        using var scope = NewDisposeScope();
        Tensor factor = Factor(stack([.. gradients.Select(gradient => gradient.norm())]).norm(), tensor((float)largest));
        foreach (Tensor gradient in gradients) gradient.mul_(factor);
    }

    /// <summary>
    /// Scales the gradient of a layer's weights by min(1, ratio norm(weights) / norm(gradient)), so that no layer turns far in one step. Brock et al. 2021, "High-Performance
    /// Large-Scale Image Recognition Without Normalization", with a norm for each layer, not for each output channel.
    /// </summary>
    void ClipByWeights((Parameter Weight, Tensor Gradient)[] layers)
    {
        if (layers.Length == 0) return;
        using var scope = NewDisposeScope();
        Tensor weights = stack([.. layers.Select(layer => layer.Weight.norm())]), gradients = stack([.. layers.Select(layer => layer.Gradient.norm())]);
        Tensor[] factors = Factor(gradients, weights.clamp_min(CachedScalar.Of(SmallestNorm)) * CachedScalar.Of(ratio)).unbind(0);
        foreach (var (layer, factor) in layers.Zip(factors)) layer.Gradient.mul_(factor);
    }

    /// <summary>min(1, largest / norm); 1 for a norm that is no number and 0 for an infinite one, so that what is not finite stays so, and nothing else becomes it.</summary>
    static Tensor Factor(Tensor norm, Tensor largest) => (largest / norm.clamp_min(CachedScalar.Of(1e-6))).clamp_max(CachedScalar.Of(1)).nan_to_num(1);
}
