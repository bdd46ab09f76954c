using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks.Layers;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Networks;

/// <summary>
/// A <see cref="Graphs.Graph"/> that runs and trains. Takes images [N, C, H, W], uint8 or floating point, gives what the last node gives
/// (logits [N, classes]) in the type of the parameters: float32, or float64 after <c>to(float64)</c>.
/// </summary>
public sealed class Network : nn.Module<Tensor, Tensor>
{
    readonly IReadOnlyDictionary<string, nn.Module> stateful;
    readonly IReadOnlyDictionary<string, ActivationQuantization> quantizations;
    readonly IReadOnlyList<Step> nodeByNode;
    readonly bool useKernels;

    static Network() => NnPack.Disable();

    /// <summary>A network with initial weights, drawn from torch's random generator.</summary>
    /// <param name="graph">The network as data.</param>
    /// <param name="useKernels">Whether fast kernels run on the CPU where there are some; otherwise plain torch operations do, which are the reference.</param>
    public Network(Graph graph, bool useKernels = true)
        : this(graph, useKernels, quantize => ActivationQuantization.Create(quantize.Quantizer, graph.ShapeOf(quantize.From)))
    {
    }

    /// <summary>A network whose activations are quantized by modules of the caller's making.</summary>
    internal Network(Graph graph, bool useKernels, Func<Quantize, ActivationQuantization> quantizationOf) : base(nameof(Network))
    {
        (Graph, this.useKernels) = (graph, useKernels);
        var kernels = new KernelChoice(graph, useKernels);
        var layers = new LayerFactory(graph, quantizationOf, kernels);
        var layerOf = graph.Nodes.ToDictionary(node => node.Name, layers.Create);
        Steps = Step.InOrder(graph, layers, layerOf, [.. kernels.Fitting(Fuse.Of(graph))]);
        nodeByNode = Step.InOrder(graph, layers, layerOf, []);
        (stateful, quantizations) = (layers.Stateful, layers.Quantizations);
        foreach (var (node, module) in layers.Modules) register_module(node.Replace('.', '/'), module);   // torch allows no dots in the names of modules
    }

    /// <summary>The network as data.</summary>
    public Graph Graph { get; }

    /// <summary>Another network of the same graph with the same state, in the same place, that computes in the same way.</summary>
    internal Network Twin()
    {
        var twin = new Network(Graph, useKernels) { UseBfloat16 = UseBfloat16 };
        if (Device.type != CPU.type) twin.MoveTo(Device);
        StateReport.Load(twin, State.ToDictionary());
        return twin;
    }

    /// <summary>Where the parameters are, and images must be.</summary>
    public Device Device => stateful.Values.SelectMany(module => module.parameters()).FirstOrDefault()?.device ?? CPU;

    /// <summary>
    /// Whether convolutions and linear layers compute in bfloat16, their parameters and everything else staying float32. Only for networks without
    /// quantizers, whose values bfloat16 would round away.
    /// </summary>
    public bool UseBfloat16
    {
        get => stateful.Values.OfType<WeightedLayer>().Any(layer => layer.UseBfloat16);
        set
        {
            if (value && Graph.IsQuantized) throw new GraphException("A quantized network cannot compute in bfloat16");
            foreach (var layer in stateful.Values.OfType<WeightedLayer>()) layer.UseBfloat16 = value;
        }
    }

    /// <summary>What runs after what.</summary>
    internal IReadOnlyList<Step> Steps { get; }

    /// <summary>Takes each node's kind (or that of nodes that ran as one) and its value, when it is there, and gives the value to go on with.</summary>
    internal Func<string, Tensor, Tensor>? NodeFinished { get; set; }

    /// <summary>Every parameter and buffer, named <c>node.parameter</c>, in the order of the graph.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        stateful.Keys.SelectMany(node => StateOf(node).Select(entry => ($"{node}.{entry.Name}", entry.Tensor)));

    /// <summary>The parameters and buffers of one node, by their own names; none where the node has none.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> StateOf(string node) => stateful.TryGetValue(node, out nn.Module? module)
        ? module.state_dict().Select(entry => (entry.Key, entry.Value))
        : [];

    /// <summary>What training learns, named <c>node.parameter</c>, in the order of the graph.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters =>
        stateful.SelectMany(module => module.Value.named_parameters().Select(entry => ($"{module.Key}.{entry.name}", entry.parameter)));

    /// <summary>Whether a parameter belongs to a quantizer: a threshold or a scale, which weight decay should leave alone.</summary>
    public bool IsQuantizerParameter(string name) => IsActivationQuantizerParameter(name) || LayerOfQuantizerParameter(name) is not null;

    /// <summary>What one of <see cref="Parameters"/> is for, by its name.</summary>
    public ParameterKind KindOf(string name) => stateful.GetValueOrDefault(name[..Math.Max(0, name.LastIndexOf('.'))]) switch
    {
        BatchNormLayer => ParameterKind.Norm,
        WeightedLayer => name.EndsWith(".bias", StringComparison.Ordinal) ? ParameterKind.Bias : ParameterKind.Weight,
        _ => ParameterKind.Scale,
    };

    /// <summary>Whether a parameter belongs to an activation's quantizer.</summary>
    internal bool IsActivationQuantizerParameter(string name) =>
        stateful.Any(module => module.Value is ActivationQuantization && name.StartsWith(module.Key + ".", StringComparison.Ordinal));

    /// <summary>Whether a name of the state is that of a node's quantizer: an activation's, or that of a layer's weights.</summary>
    internal bool IsQuantizerState(string node, string name) => name.StartsWith(node + ".", StringComparison.Ordinal)
        && (stateful.GetValueOrDefault(node) is ActivationQuantization || WeightedLayer.IsQuantizerParameter(name[(node.Length + 1)..]));

    /// <summary>Starts quantizers of weights anew, from the weights that their layers have now.</summary>
    /// <param name="parameters">Names of parameters; those of other kinds are passed over.</param>
    /// <returns>Those of them that were set.</returns>
    internal string[] StartWeightQuantizers(IEnumerable<string> parameters)
    {
        string[] scales = [.. parameters.Where(name => LayerOfQuantizerParameter(name) is not null)];
        foreach (var layer in scales.Select(LayerOfQuantizerParameter).Distinct()) layer!.StartQuantizer();
        return scales;
    }

    WeightedLayer? LayerOfQuantizerParameter(string name) => stateful.FirstOrDefault(module => module.Value is WeightedLayer
        && name.StartsWith(module.Key + ".", StringComparison.Ordinal) && WeightedLayer.IsQuantizerParameter(name[(module.Key.Length + 1)..])).Value as WeightedLayer;

    /// <summary>Moves parameters and buffers to another device.</summary>
    public void MoveTo(Device device) => this.to(device);

    /// <summary>Runs the network. What lies between input and output is released on the way, but for what a backward pass needs.</summary>
    public override Tensor forward(Tensor input) => Run(input, (_, _) => { });

    /// <summary>Runs the network, and shows the value of every node that is computed on its own, or as the last of a fused row, while it is there.</summary>
    public Tensor Run(Tensor input, Action<Node, QuantizedTensor> observe) => Run(Steps, input, observe);

    /// <summary>Runs the network without fused rows, and shows the value of every node; the values are those of <see cref="Run(Tensor, Action{Node, QuantizedTensor})"/> but for rounding.</summary>
    public Tensor RunNodeByNode(Tensor input, Action<Node, QuantizedTensor> observe) => Run(nodeByNode, input, observe);

    /// <summary>The value of a node of one input, from any value of that.</summary>
    internal Tensor Apply(Node node, Tensor input) => nodeByNode[Graph.IndexOf(node.Name) - 1].Run([new(input)])[0].Value;

    Tensor Run(IReadOnlyList<Step> steps, Tensor input, Action<Node, QuantizedTensor> observe)
    {
        using var scope = NewDisposeScope();
        var values = new QuantizedTensor[Graph.Nodes.Length];
        values[0] = new(input.to(parameters().First().dtype));
        foreach (Step step in steps)
        {
            foreach (var (node, value) in step.Nodes.Zip(Run(step, values)))
            {
                values[node] = NodeFinished is { } finished ? value with { Value = finished(step.Kind, value.Value) } : value;
                observe(Graph.Nodes[node], values[node]);
            }
            foreach (int done in step.LastUses) values[done].Value.Dispose();
        }
        return values[^1].Value.MoveToOuterDisposeScope();
    }

    /// <summary>To call after each optimizer step: brings stored weights back into the range that their quantizer asks for, and keeps thresholds positive.</summary>
    public void AfterStep()
    {
        foreach (var module in stateful.Values.OfType<WeightedLayer>()) module.AfterStep();
        foreach (var module in stateful.Values.OfType<ActivationQuantization>()) module.AfterStep();
    }

    /// <summary>Takes the scales of all activations as they are and learns them from here on: their statistics count as collected.</summary>
    public void FinishStatistics()
    {
        foreach (var quantization in quantizations.Values) quantization.FinishStatistics();
    }

    /// <summary>The weights of a convolution or linear layer as it uses them, quantized where its node says so.</summary>
    /// <exception cref="GraphException">There is no such layer.</exception>
    public QuantizedTensor WeightsOf(string node) => Module<WeightedLayer>(node).Weights;

    /// <summary>The weights of a convolution or linear layer that its quantizer rounds: as they are stored, or normalized.</summary>
    /// <exception cref="GraphException">There is no such layer.</exception>
    public Tensor WeightsToRound(string node) => Module<WeightedLayer>(node).WeightsToRound;

    /// <summary>The bias of a convolution or linear layer as it uses it in evaluation; null where it has none.</summary>
    /// <exception cref="GraphException">There is no such layer.</exception>
    public Tensor? BiasOf(string node) => Module<WeightedLayer>(node).Bias(ScaleOf(Graph[node].Inputs[0]), WeightsOf(node).Scale);

    /// <summary>The scale of a node's value in evaluation; null where it is not quantized.</summary>
    /// <exception cref="GraphException">There is no such node.</exception>
    public Tensor? ScaleOf(string node)
    {
        if (Graph.Integers.TypeOf(Graph[node].Name) is not { } type) return null;
        Tensor scale = ActivationOf(type.Scale.Quantizer).EvaluationScale.Scale;
        return type.Scale.Factor == 1 ? scale : scale * CachedScalar.Of(type.Scale.Factor);
    }

    /// <summary>The quantizer that a Quantize node runs; where it shares another's scale and integers, the other's.</summary>
    /// <exception cref="GraphException">There is no such node.</exception>
    public ActivationQuantization ActivationOf(string node) => quantizations.GetValueOrDefault(node)
        ?? throw new GraphException($"{node} ({Graph[node].Kind}) has no {nameof(ActivationQuantization)}");

    /// <summary>What runs a convolution or linear layer.</summary>
    /// <exception cref="GraphException">There is no such layer.</exception>
    internal WeightedLayer LayerOf(string node) => Module<WeightedLayer>(node);

    T Module<T>(string node) where T : nn.Module => stateful.GetValueOrDefault(node) as T
        ?? throw new GraphException($"{node} ({Graph[node].Kind}) has no {typeof(T).Name}");

    static QuantizedTensor[] Run(Step step, QuantizedTensor[] values)
    {
        using var scope = NewDisposeScope();
        QuantizedTensor[] results = step.Run([.. step.Inputs.Select(input => values[input])]);
        foreach (QuantizedTensor result in results)
        {
            result.Value.MoveToOuterDisposeScope();
            result.Scale?.MoveToOuterDisposeScope();
            result.ZeroPoint?.MoveToOuterDisposeScope();
        }
        return results;
    }
}
