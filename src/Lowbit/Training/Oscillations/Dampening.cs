using Lowbit.Configuration;
using Lowbit.Networks;
using Lowbit.Networks.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training.Oscillations;

/// <summary>
/// Draws weights to their levels: loss + c sum (clip(w) - s q)^2 over all weights, q the integers, s the step at which weights are rounded and clip to the outermost levels; the gradient goes to w alone:
/// 2 c (w - s q) between the outermost levels, 0 outside. c goes from its start to its end along half a cosine wave.
/// Nagel et al. 2022, "Overcoming Oscillations in Quantization-Aware Training".
/// </summary>
sealed class Dampening(OscillationOptions options) : ITrainingTechnique
{
    WeightedLayer[] layers = [];
    double factor;

    /// <inheritdoc/>
    public void Begin(Network network) => layers = [.. OscillatingLayers.Of(network.Graph).Select(network.LayerOf)];

    /// <inheritdoc/>
    public void BeginStep(double progress) => factor = OscillatingLayers.Cosine(options.DampeningStart, options.Dampening, progress);

    /// <inheritdoc/>
    public Tensor LossOf(Tensor loss, Tensor images, Tensor logits)
    {
        using Scalar scalar = factor.ToScalar();
        foreach (WeightedLayer layer in layers) loss = loss.add(SquaredDistance(layer), alpha: scalar);
        return loss;
    }

    static Tensor SquaredDistance(WeightedLayer layer)
    {
        using var scope = NewDisposeScope();
        var (level, low, high) = Levels(layer);
        return (layer.Weight.clamp(low, high) - level).pow(CachedScalar.Of(2)).sum().MoveToOuterDisposeScope();
    }

    static (Tensor Level, Tensor Low, Tensor High) Levels(WeightedLayer layer)
    {
        using var _ = no_grad();
        var weights = layer.Weights;
        Tensor step = layer.StepOf(weights), zero = weights.ZeroPoint ?? zeros_like(step);
        var (lowest, highest, _) = layer.WeightRange;
        return (weights.Steps * step, (full_like(zero, CachedScalar.Of((double)lowest)) - zero) * step, (full_like(zero, CachedScalar.Of((double)highest)) - zero) * step);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
