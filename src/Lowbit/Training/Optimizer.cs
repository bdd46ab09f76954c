using Lowbit.Configuration;
using Lowbit.Networks;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Training;

/// <summary>
/// Moves a network's parameters along their gradients, in PyTorch's formulas. Its state has names, so that a checkpoint can hold it, and
/// weight decay leaves the thresholds of quantizers alone unless it is told otherwise.
/// </summary>
public abstract class Optimizer : IDisposable
{
    readonly (string Name, Parameter Parameter, double WeightDecay)[] parameters;

    private protected Optimizer(Network network, OptimizerOptions options)
    {
        Options = options;
        parameters = [.. network.Parameters.Select(entry =>
            (entry.Name, entry.Parameter, options.DecayScales || !network.IsQuantizerParameter(entry.Name) ? options.WeightDecay : 0))];
    }

    /// <summary>The optimizer that the options describe, for all parameters of a network.</summary>
    public static Optimizer Create(Network network, OptimizerOptions options) =>
        options.Name == OptimizerKind.Sgd ? new Sgd(network, options) : new Adam(network, options);

    /// <summary>What it was created from.</summary>
    protected OptimizerOptions Options { get; }

    /// <summary>What it remembers from step to step, by name; nothing before the first step.</summary>
    public abstract IEnumerable<(string Name, Tensor Tensor)> State { get; }

    /// <summary>Takes over the state of another optimizer of the same kind.</summary>
    public abstract void Load(IReadOnlyDictionary<string, Tensor> state);

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter, _) in parameters) parameter.grad = null;
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step(double learningRate)
    {
        using var _ = no_grad();
        BeginStep();
        foreach (var (name, parameter, weightDecay) in parameters)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is { } gradient) Update(name, parameter, gradient, learningRate, weightDecay);
        }
    }

    private protected virtual void BeginStep()
    {
    }

    /// <summary>Moves one parameter.</summary>
    private protected abstract void Update(string name, Tensor parameter, Tensor gradient, double learningRate, double weightDecay);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensor) in State) tensor.Dispose();
        GC.SuppressFinalize(this);
    }
}
