using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Training.Health;

/// <summary>
/// Measures, after each epoch, how a quantized network uses its integers: those of its weights, and those of its activations for a few training images. It runs in
/// evaluation mode on the same images each time, so that neither statistics nor random numbers of the training change.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="images">The images.</param>
sealed class NetworkHealth(Network network, ProbeImages images) : IDisposable
{
    readonly IntegerHistory history = new();

    /// <summary>The state of every quantized layer and activation, in the order of the graph; none for a float network.</summary>
    public IReadOnlyList<LayerHealth> Measure(CancellationToken cancel = default)
    {
        if (!network.Graph.IsQuantized) return [];
        using var _ = no_grad();
        using var step = new StepScope();
        var found = new Dictionary<string, LayerHealth>();
        foreach (IWeighted layer in network.Graph.WeightedNodes.Where(layer => layer.WeightQuantizer is not null)) found.Add(layer.Name, OfWeights(layer));
        images.RunIn(network, (node, value) =>
        {
            if (node is Quantize quantize) found.Add(node.Name, OfActivations(quantize, value));
        }, cancel);
        return [.. network.Graph.Nodes.Select(node => found.GetValueOrDefault(node.Name)).OfType<LayerHealth>()];
    }

    LayerHealth OfWeights(IWeighted layer)
    {
        using var scope = NewDisposeScope();
        QuantizedTensor weights = network.WeightsOf(layer.Name);
        IntegerRange range = layer.WeightQuantizer!.Range;
        Tensor steps = weights.Steps, dead = steps.flatten(1).eq(CachedScalar.Of(0)).all(dim: 1);
        LayerHealth health = Of(layer.Name, QuantizedPart.Weights, weights, range, dead);
        var (changed, flipped) = history.Add(layer.Name, weights.ZeroPoint is { } zero ? steps.add(zero, alpha: CachedScalar.Of(1)) : steps);
        return health with { Changed = changed, Flipped = flipped };
    }

    static LayerHealth OfActivations(Quantize node, QuantizedTensor value)
    {
        using var scope = NewDisposeScope();
        IntegerRange range = node.Quantizer.Range;
        long[] allButChannels = [.. Enumerable.Range(0, (int)value.Value.dim()).Where(axis => axis != 1)];
        Tensor low = value.Value.amin(allButChannels), high = value.Value.amax(allButChannels), dead = low.eq(high);
        return Of(node.Name, QuantizedPart.Activations, value, range, range.IsBinary ? dead : dead.logical_and(high.eq(CachedScalar.Of(0))));
    }

    static LayerHealth Of(string node, QuantizedPart part, QuantizedTensor value, IntegerRange range, Tensor dead)
    {
        double total = value.Value.numel();
        Tensor isZero = value.Value.eq(CachedScalar.Of(0));
        Tensor scale = value.Scale!.to(float64);
        return new(node, part, value.BitWidth, scale.mean().item<double>(), scale.min().item<double>(),
            range.IsBinary ? null : (double)IsOutermost(value, range, isZero).sum().item<long>() / total,
            isZero.sum().item<long>() / total, (int)dead.numel(), (int)dead.sum().item<long>());
    }

    /// <summary>Whether values lie within half a step of the outermost integers, which no other integer does; 0 is not counted.</summary>
    static Tensor IsOutermost(QuantizedTensor value, IntegerRange range, Tensor isZero)
    {
        Tensor high = value.Value.gt(At(range.High - 0.5)).logical_and_(isZero.logical_not());
        return range.Low == 0 && value.ZeroPoint is null ? high : high.logical_or_(value.Value.lt(At(range.Low + 0.5)).logical_and_(isZero.logical_not()));

        Tensor At(double integer)
        {
            Tensor steps = value.ZeroPoint is { } zero ? -(zero - CachedScalar.Of(integer)) : tensor(integer);
            return steps * value.Scale!.to(steps.dtype);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => history.Dispose();
}
