using Lowbit.Networks.Layers;
using Lowbit.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training.Oscillations;

/// <summary>How the weights of one layer oscillate, and which of them are frozen.</summary>
sealed class FrozenWeights : IDisposable
{
    /// <summary>Bytes for each weight.</summary>
    public const int BytesPerWeight = 2 + 1 + 4 + 4 + 1;

    const int MostMoves = 10;

    readonly string name;
    readonly WeightedLayer layer;
    readonly Tensor integers;    // int16: those of the last step; of a frozen weight the one that it keeps
    readonly Tensor direction;   // int8: -1 or 1, in which the integer changed last; 0 before it does
    readonly Tensor frequency;   // of oscillations
    readonly Tensor mean;        // of the integers; of a frozen weight the value at which it is held
    readonly Tensor frozen;      // bool

    /// <param name="name">The layer's name.</param>
    /// <param name="layer">The layer.</param>
    public FrozenWeights(string name, WeightedLayer layer)
    {
        (this.name, this.layer) = (name, layer);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor steps = layer.Weights.Steps;
        integers = Kept(steps.to(int16));
        direction = Kept(zeros_like(steps, int8));
        frequency = Kept(zeros_like(steps));
        mean = Kept(steps.clone());
        frozen = Kept(zeros_like(steps, @bool));

        static Tensor Kept(Tensor tensor) => tensor.DetachFromDisposeScope();
    }

    /// <summary>Weights that are frozen.</summary>
    public long Count => frozen.sum().item<long>();

    /// <summary>All weights.</summary>
    public long Size => frozen.numel();

    /// <summary>What is to be kept of them, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        new[] { ("integers", integers), ("direction", direction), ("frequency", frequency), ("mean", mean), ("frozen", frozen) }
            .Select(entry => ($"oscillation/{name}.{entry.Item1}", entry.Item2));

    /// <summary>Brings frozen weights back, and freezes those that oscillate more often than a threshold.</summary>
    public void AfterStep(double momentum, double threshold)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor weight = layer.Weight;
        weight.copy_(where(frozen, mean, weight));
        QuantizedTensor quantized = layer.Weights;
        Tensor now = quantized.Steps, before = integers.to(now.dtype), free = frozen.logical_not();

        Tensor change = (now - before).sign();
        Tensor oscillates = (change * direction.to(now.dtype)).lt(CachedScalar.Of(0)).logical_and(free);
        frequency.add_(oscillates.to(now.dtype) - frequency, alpha: CachedScalar.Of(momentum));
        mean.add_(where(free, now - mean, zeros_like(now)), alpha: CachedScalar.Of(momentum));
        direction.copy_(where(change.ne(CachedScalar.Of(0)), change, direction.to(now.dtype)));

        using Scalar most = threshold.ToScalar();
        Tensor freezes = frequency.gt(most).logical_and(free);
        Tensor level = layer.WeightRange.IsBinary ? where(mean.ge(CachedScalar.Of(0)), ones_like(mean), -ones_like(mean)) : mean.round();
        integers.copy_(where(freezes, level, where(frozen, before, now)));
        mean.copy_(where(freezes, level * layer.StepOf(quantized), mean));
        frozen.logical_or_(freezes);
        Hold(weight);
    }

    /// <summary>
    /// Puts frozen weights to where they are held, and moves those that the scale, which may follow from the weights, would round to another integer than theirs. The others stay, since a scale that followed all of
    /// them would drift.
    /// </summary>
    void Hold(Tensor weight)
    {
        for (int move = 0; ; move++)
        {
            using var scope = NewDisposeScope();
            weight.copy_(where(frozen, mean, weight));
            if (move == MostMoves) return;
            QuantizedTensor quantized = layer.Weights;
            Tensor kept = integers.to(mean.dtype), isOther = frozen.logical_and(quantized.Steps.ne(kept));
            if (!isOther.any().item<bool>()) return;
            mean.copy_(where(isOther, kept * layer.StepOf(quantized), mean));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensor) in State) tensor.Dispose();
    }
}
