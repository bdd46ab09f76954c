using Lowbit.Configuration;
using Lowbit.Networks;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Training;

/// <summary>
/// Moves a network's parameters along their gradients, in PyTorch's formulas. Its state has names, so that a checkpoint can hold it. Weight decay
/// and the learning rate go by <see cref="ParameterKind"/>, as the options say.
/// </summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>The largest norm of all gradients together, where the options say none.</summary>
    internal const double DefaultClipNorm = 5;

    /// <summary>
    /// The largest norm of the last layer's gradient, and that of another layer's weights to the norm of the weights, where the options say none; 0 for any. The steps of
    /// Adam do not go by the size of gradients.
    /// </summary>
    internal static double DefaultLayerLimit(OptimizerKind kind) => kind == OptimizerKind.Sgd ? 0.5 : 0;

    const double SmallestNorm = 1e-3;   // so that weights that are all 0 can leave it

    readonly Parameter[] lastLayer, weightsBeforeIt;
    readonly (string Name, Parameter Parameter, double RateFactor, double WeightDecay)[] parameters;

    private protected Optimizer(Network network, OptimizerOptions options)
    {
        Options = options;
        string? last = network.Graph.WeightedNodes.LastOrDefault()?.Name;
        lastLayer = [.. network.Parameters.Where(entry => entry.Name == $"{last}.weight" || entry.Name == $"{last}.bias").Select(entry => entry.Parameter)];
        weightsBeforeIt = [.. network.Parameters.Where(entry => network.KindOf(entry.Name) == ParameterKind.Weight && entry.Name != $"{last}.weight").Select(entry => entry.Parameter)];
        parameters = [.. network.Parameters.Select(entry => (entry.Name, entry.Parameter, Kind: network.KindOf(entry.Name)))
            .Select(entry => (entry.Name, entry.Parameter, entry.Kind == ParameterKind.Scale ? options.ScaleRateFactor : 1, Decays(entry.Kind, options) ? options.WeightDecay : 0))];
    }

    static bool Decays(ParameterKind kind, OptimizerOptions options) => kind switch
    {
        ParameterKind.Norm => options.DecayNorms,
        ParameterKind.Bias => options.DecayBiases,
        ParameterKind.Scale => options.DecayScales,
        _ => true,
    };

    /// <summary>The optimizer that the options describe, for all parameters of a network.</summary>
    public static Optimizer Create(Network network, OptimizerOptions options) =>
        options.Name == OptimizerKind.Sgd ? new Sgd(network, options) : new Adam(network, options);

    /// <summary>What it was created from.</summary>
    protected OptimizerOptions Options { get; }

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
        Take(state);

        LowbitException Refused(string reason) => new($"The optimizer's state in {source} does not fit {Options.Name.ToString().ToLowerInvariant()}: {reason}");
    }

    /// <summary>What it remembers of each parameter: the endings of the names in its state.</summary>
    private protected abstract IReadOnlyList<string> Kinds { get; }

    /// <summary>Takes over a state that fits.</summary>
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
        foreach (Parameter weight in weightsBeforeIt) ClipByWeights(weight, Options.ClipRatio ?? DefaultLayerLimit(Options.Name));
        Clip(lastLayer, Options.LastLayerClipNorm ?? DefaultLayerLimit(Options.Name));
        Clip(parameters.Select(entry => entry.Parameter), Options.ClipNorm ?? DefaultClipNorm);
        BeginStep();
        foreach (var (name, parameter, rateFactor, weightDecay) in parameters)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is { } gradient) Update(name, parameter, gradient, learningRate * rateFactor, weightDecay);
        }
    }

    /// <summary>Scales gradients by min(1, largest norm / norm), the norm that of all together. Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".</summary>
    static void Clip(IEnumerable<Parameter> parameters, double largest)
    {
        if (largest == 0) return;
        using var scope = NewDisposeScope();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0) return;
        Tensor factor = Factor(stack([.. gradients.Select(gradient => gradient.norm())]).norm(), tensor((float)largest));
        foreach (Tensor gradient in gradients) gradient.mul_(factor);
    }

    /// <summary>
    /// Scales the gradient of a layer's weights by min(1, ratio norm(weights) / norm(gradient)), so that no layer turns far in one step. Brock et al. 2021, "High-Performance
    /// Large-Scale Image Recognition Without Normalization", with a norm for each layer, not for each output channel.
    /// </summary>
    static void ClipByWeights(Parameter weight, double ratio)
    {
        if (ratio == 0 || weight.grad is not { } gradient) return;
        using var scope = NewDisposeScope();
        gradient.mul_(Factor(gradient.norm(), weight.norm().clamp_min(CachedScalar.Of(SmallestNorm)) * CachedScalar.Of(ratio)));
    }

    /// <summary>min(1, largest / norm); 1 for a norm that is not finite, so that what is not finite stays so, and nothing else becomes it.</summary>
    static Tensor Factor(Tensor norm, Tensor largest) => (largest / norm.clamp_min(CachedScalar.Of(1e-6))).clamp_max(CachedScalar.Of(1)).nan_to_num(1);

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
