using Lowbit.Configuration;
using Lowbit.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Training;

/// <summary>
/// Moves a network's parameters along their gradients, in PyTorch's formulas. Its state has names, so that a checkpoint can hold it. Weight decay
/// and the learning rate go by <see cref="ParameterKind"/>, as the options say.
/// </summary>
public abstract class Optimizer : IDisposable
{
    readonly LearnedParameter[] parameters;

    private protected Optimizer(Network network, OptimizerOptions options)
    {
        (Options, Limits) = (options, new(network, options));
        parameters = [.. network.Parameters.Select(entry => (entry.Name, entry.Parameter, Kind: network.KindOf(entry.Name)))
            .Select(entry => new LearnedParameter(entry.Name, entry.Parameter, entry.Kind == ParameterKind.Scale ? options.ScaleRateFactor : 1, Decays(entry.Kind, options) ? options.WeightDecay : 0))];
    }

    static bool Decays(ParameterKind kind, OptimizerOptions options) => kind switch
    {
        ParameterKind.Norm => options.DecayNorms,
        ParameterKind.Bias => options.DecayBiases,
        ParameterKind.Scale => options.DecayScales,
        _ => true,
    };

    /// <summary>The optimizer that the options describe, for all parameters of a network where they are now.</summary>
    public static Optimizer Create(Network network, OptimizerOptions options) => options.Name switch
    {
        OptimizerKind.Sgd => network.Device.type == DeviceType.CPU ? new Sgd(network, options) : new FlatSgd(network, options),
        _ => new Adam(network, options),
    };

    /// <summary>What it was created from.</summary>
    protected OptimizerOptions Options { get; }

    /// <summary>How long gradients may be.</summary>
    private protected GradientLimits Limits { get; }

    /// <summary>What it remembers from step to step, by name; nothing before the first step.</summary>
    public abstract IEnumerable<(string Name, Tensor Tensor)> State { get; }

    /// <summary>Takes over the state of another optimizer of the same kind.</summary>
    /// <param name="state">Its tensors by name, as <see cref="State"/> gives them.</param>
    /// <param name="source">Where they come from, for a message.</param>
    /// <exception cref="LowbitException">A tensor is not one of such an optimizer of this network, or of another shape than its parameter; or one is missing.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state, string source = "the other optimizer")
    {
        var shapes = parameters.ToDictionary(entry => entry.Name, entry => entry.Parameter.shape);
        foreach (var (name, tensor) in state)
        {
            int dot = Math.Max(name.LastIndexOf('.'), 0);
            string parameter = name[..dot], kind = name[dot..];
            if (!Kinds.Contains(kind) || !shapes.TryGetValue(parameter, out long[]? shape)) throw Refused($"{Printable.Short(name)} is not in it");
            if (IsCounter(kind)) shape = [];
            if (!tensor.shape.SequenceEqual(shape) || tensor.is_floating_point() == IsCounter(kind))
                throw Refused($"{name} is [{string.Join(", ", tensor.shape)}] there and [{string.Join(", ", shape)}] here");
            if (Kinds.FirstOrDefault(other => !state.ContainsKey(parameter + other)) is { } missing) throw Refused($"{parameter}{missing} is missing");
        }
        using var scope = NewDisposeScope();
        var byName = parameters.ToDictionary(entry => entry.Name, entry => entry.Parameter);
        Take(state.ToDictionary(entry => entry.Key, entry => entry.Key[entry.Key.LastIndexOf('.')..] is var kind && IsCounter(kind) ? entry.Value : entry.Value.to(byName[entry.Key[..^kind.Length]].device)));

        LowbitException Refused(string reason) => new($"The optimizer's state in {source} does not fit {Options.Name.ToString().ToLowerInvariant()}: {reason}");
    }

    /// <summary>What it remembers of each parameter: the endings of the names in its state.</summary>
    private protected abstract IReadOnlyList<string> Kinds { get; }

    /// <summary>Takes over a state that fits, and is where the parameters are.</summary>
    private protected abstract void Take(IReadOnlyDictionary<string, Tensor> state);

    static bool IsCounter(string kind) => kind == ".steps";

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var entry in parameters) entry.Parameter.grad = null;
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step(double learningRate)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Move([.. parameters.Where(entry => entry.Parameter.grad is not null)], learningRate);
    }

    /// <summary>Moves the parameters that have a gradient: one after the other, where nothing faster is known.</summary>
    private protected virtual void Move(IReadOnlyList<LearnedParameter> moved, double learningRate)
    {
        var gradients = moved.ToDictionary(entry => entry.Name, entry => entry.Parameter.grad!);
        Limits.Apply([.. gradients.Values], gradients);
        foreach (LearnedParameter entry in moved)
        {
            using var scope = NewDisposeScope();
            Update(entry.Name, entry.Parameter, gradients[entry.Name], learningRate * entry.RateFactor, entry.WeightDecay);
        }
    }

    /// <summary>Moves one parameter.</summary>
    private protected abstract void Update(string name, Tensor parameter, Tensor gradient, double learningRate, double weightDecay);

    /// <summary>Lets go of what it remembers.</summary>
    private protected virtual void Release()
    {
        foreach (var (_, tensor) in State) tensor.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A parameter that an optimizer moves.</summary>
/// <param name="name">Its name in the network.</param>
/// <param name="parameter">The parameter.</param>
/// <param name="rateFactor">What the learning rate is multiplied by for it.</param>
/// <param name="weightDecay">How much of it is taken away in a step, in learning rates.</param>
sealed class LearnedParameter(string name, Parameter parameter, double rateFactor, double weightDecay)
{
    public string Name => name;

    public Parameter Parameter => parameter;

    public double RateFactor => rateFactor;

    public double WeightDecay => weightDecay;
}
