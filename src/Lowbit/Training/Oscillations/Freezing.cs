using Lowbit.Configuration;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Oscillations;

/// <summary>
/// Freezes weights that oscillate. A weight oscillates in a step in which its integer changes in the other direction than when it changed last; f is the running mean of such steps, f = m o + (1 - m) f, and x
/// that of the integer. A weight whose f exceeds a threshold keeps the integer round(x) from then on. The threshold goes from its start to its end along half a cosine wave.
/// Nagel et al. 2022, "Overcoming Oscillations in Quantization-Aware Training".
/// </summary>
sealed class Freezing(OscillationOptions options) : ITrainingTechnique
{
    FrozenWeights[] layers = [];
    double threshold;

    /// <summary>Bytes for each weight of a layer.</summary>
    public const int BytesPerWeight = FrozenWeights.BytesPerWeight;

    /// <inheritdoc/>
    public void Begin(Network network) => layers = [.. OscillatingLayers.Of(network.Graph).Select(name => new FrozenWeights(name, network.LayerOf(name)))];

    /// <inheritdoc/>
    public void BeginStep(double progress) =>
        threshold = OscillatingLayers.Cosine(options.FreezeThresholdStart ?? Math.Min(1, 4 * options.FreezeThreshold), options.FreezeThreshold, progress);

    /// <inheritdoc/>
    public void AfterStep()
    {
        foreach (FrozenWeights layer in layers) layer.AfterStep(options.FreezeMomentum, threshold);
    }

    /// <summary>Weights that are frozen, and weights that could be.</summary>
    public (long Frozen, long All) Count => (layers.Sum(layer => layer.Count), layers.Sum(layer => layer.Size));

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State => layers.SelectMany(layer => layer.State);

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> state, string source)
    {
        using var _ = no_grad();
        foreach (var (name, tensor) in State)
        {
            if (!state.TryGetValue(name, out Tensor? saved)) throw new LowbitException($"{source} does not hold {name}, from which freezing goes on; continue from another checkpoint");
            if (saved.dtype != tensor.dtype || !saved.shape.SequenceEqual(tensor.shape)) throw new LowbitException($"{source} does not fit the network: {name} has another type or shape there");
            tensor.copy_(saved);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FrozenWeights layer in layers) layer.Dispose();
    }
}
