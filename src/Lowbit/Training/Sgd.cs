using Lowbit.Configuration;
using Lowbit.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Stochastic gradient descent: g += decay * w; v = momentum * v + g (v = g at first); w -= rate * v, or with Nesterov's momentum
/// w -= rate * (g + momentum * v). Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
/// </summary>
class Sgd(Network network, OptimizerOptions options) : Optimizer(network, options)
{
    const string Velocity = ".velocity";

    /// <summary>v of each parameter that has had a gradient, by its name.</summary>
    private protected readonly Dictionary<string, Tensor> velocities = [];

    public override IEnumerable<(string Name, Tensor Tensor)> State => velocities.Select(entry => (entry.Key + Velocity, entry.Value));

    private protected override IReadOnlyList<string> Kinds { get; } = [Velocity];

    private protected override void Take(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (name, tensor) in state)
        {
            string parameter = name[..^Velocity.Length];
            velocities.GetValueOrDefault(parameter)?.Dispose();
            velocities[parameter] = tensor.clone().DetachFromDisposeScope();
        }
    }

    private protected override void Update(string name, Tensor parameter, Tensor gradient, double learningRate, double weightDecay)
    {
        if (weightDecay != 0) gradient.add_(parameter, alpha: CachedScalar.Of(weightDecay));
        if (Options.Momentum != 0)
        {
            if (velocities.TryGetValue(name, out Tensor? velocity)) velocity.mul_(CachedScalar.Of(Options.Momentum)).add_(gradient, alpha: CachedScalar.Of(1));
            else velocity = velocities[name] = gradient.clone().DetachFromDisposeScope();
            gradient = Options.Nesterov ? gradient.add_(velocity, alpha: CachedScalar.Of(Options.Momentum)) : velocity;
        }
        using Scalar step = (-learningRate).ToScalar();
        parameter.add_(gradient, alpha: step);
    }
}
