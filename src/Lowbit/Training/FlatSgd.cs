using Lowbit.Configuration;
using Lowbit.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// <see cref="Sgd"/> with all gradients in one tensor, and all velocities in another: a step takes some ten operations on these and two for each parameter, in place of seven.
/// For devices to which an operation takes longer to be given than to be done, as a GPU with small networks.
/// </summary>
sealed class FlatSgd(Network network, OptimizerOptions options) : Sgd(network, options)
{
    Layout? layout;

    private protected override void Move(IReadOnlyList<LearnedParameter> moved, double learningRate)
    {
        if (moved.Count == 0) return;
        if (layout is null || !layout.Moved.SequenceEqual(moved)) Lay(moved);
        Tensor gradient = cat([.. moved.Select(entry => entry.Parameter.grad!.flatten())]);
        Limits.Apply([gradient], moved.Zip(gradient.split(layout!.Sizes)).ToDictionary(entry => entry.First.Name, entry => entry.Second));
        if (layout.WeightDecay is { } decay) gradient.addcmul_(cat([.. moved.Select(entry => entry.Parameter.flatten())]), decay, CachedScalar.Of(1));
        if (layout.Velocity is { } velocity)
        {
            velocity.mul_(CachedScalar.Of(Options.Momentum)).add_(gradient, alpha: CachedScalar.Of(1));
            gradient = Options.Nesterov ? gradient.add_(velocity, alpha: CachedScalar.Of(Options.Momentum)) : velocity;
        }
        if (layout.RateFactor is { } factor) gradient = gradient * factor;
        using Scalar step = (-learningRate).ToScalar();
        foreach (var (entry, slice) in moved.Zip(gradient.split(layout.Sizes))) entry.Parameter.add_(slice.view(entry.Parameter.shape), alpha: step);
    }

    /// <summary>Puts the parameters of a step one behind the other, and their velocities with them: v = momentum * 0 + g in the first.</summary>
    void Lay(IReadOnlyList<LearnedParameter> moved)
    {
        layout?.Dispose();
        Device device = moved[0].Parameter.device;
        long[] sizes = [.. moved.Select(entry => entry.Parameter.numel())];
        Tensor? velocity = Options.Momentum == 0 ? null
            : cat([.. moved.Select(entry => velocities.GetValueOrDefault(entry.Name)?.flatten() ?? zeros(entry.Parameter.numel(), entry.Parameter.dtype, device))]).DetachFromDisposeScope();
        foreach (var (entry, slice) in moved.Zip(velocity?.split(sizes) ?? []))
        {
            velocities.GetValueOrDefault(entry.Name)?.Dispose();
            velocities[entry.Name] = slice.view(entry.Parameter.shape).DetachFromDisposeScope();
        }
        layout = new(moved, sizes, velocity, Each(entry => entry.WeightDecay, none: 0), Each(entry => entry.RateFactor, none: 1));

        Tensor? Each(Func<LearnedParameter, double> of, double none) => moved.All(entry => of(entry) == none) ? null
            : cat([.. moved.Select(entry => full(entry.Parameter.numel(), CachedScalar.Of(of(entry)), entry.Parameter.dtype, device))]).DetachFromDisposeScope();
    }

    private protected override void Take(IReadOnlyDictionary<string, Tensor> state)
    {
        base.Take(state);
        layout?.Dispose();
        layout = null;
    }

    private protected override void Release()
    {
        layout?.Dispose();
        base.Release();
    }

    /// <summary>Which parameters lie one behind the other, and what is said of each value.</summary>
    sealed record Layout(IReadOnlyList<LearnedParameter> Moved, long[] Sizes, Tensor? Velocity, Tensor? WeightDecay, Tensor? RateFactor) : IDisposable
    {
        public void Dispose()
        {
            foreach (Tensor? tensor in new[] { Velocity, WeightDecay, RateFactor }) tensor?.Dispose();
        }
    }
}
