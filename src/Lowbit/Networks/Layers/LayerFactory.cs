using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>Makes of each node what runs it, and keeps what has a state.</summary>
/// <param name="graph">The network as data.</param>
/// <param name="quantizationOf">Makes the module of a quantizer that has a scale of its own.</param>
/// <param name="kernels">Which kernel runs what.</param>
sealed class LayerFactory(Graph graph, Func<Quantize, ActivationQuantization> quantizationOf, KernelChoice kernels)
{
    readonly Dictionary<string, nn.Module> stateful = [];
    readonly Dictionary<string, ActivationQuantization> quantizations = [];

    /// <summary>The modules with a state of their own, by their nodes.</summary>
    public IReadOnlyDictionary<string, nn.Module> Stateful => stateful;

    /// <summary>What each Quantize node runs.</summary>
    public IReadOnlyDictionary<string, ActivationQuantization> Quantizations => quantizations;

    /// <summary>All modules, each once, by the first node that runs it.</summary>
    public IEnumerable<(string Node, nn.Module Module)> Modules =>
        stateful.Select(entry => (entry.Key, entry.Value)).Concat(quantizations.Select(entry => (entry.Key, (nn.Module)entry.Value))).DistinctBy(entry => entry.Item2);

    /// <summary>How a node runs.</summary>
    /// <exception cref="GraphException">Nodes of its kind cannot be run.</exception>
    public Layer Create(Node node) => node switch
    {
        Input => inputs => inputs[0],
        Normalize normalize => StatelessLayers.Normalize(normalize),
        Conv conv => Weighted(conv, new WeightedLayer(conv, graph.ShapeOf(conv.From), graph.IsNormalized(conv))),
        Linear linear => Weighted(linear, new WeightedLayer(linear, graph.ShapeOf(linear.From))),
        BatchNorm norm => Register(norm, new BatchNormLayer(norm, graph.ShapeOf(norm.From).Channels)).Forward,
        TensorNorm norm => Register(norm, new BatchNormLayer(norm)).Forward,
        Quantize quantize => Quantize(quantize),
        Relu => StatelessLayers.Relu(graph.Integers.TypeOf(node.Name)),
        LeakyRelu leaky => inputs => new(nn.functional.leaky_relu(inputs[0].Value, leaky.Slope)),
        Graphs.Nodes.Add => StatelessLayers.Add(graph.Integers.TypeOf(node.Name)),
        Flatten => StatelessLayers.Flatten,
        MaxPool pool => StatelessLayers.MaxPool(pool),
        AveragePool pool => StatelessLayers.AveragePool(pool),
        _ => throw new GraphException($"{node.Name}: a network cannot run nodes of the kind {node.Kind}"),
    };

    /// <summary>How a row of nodes runs that one kernel can compute together.</summary>
    /// <param name="row">The nodes.</param>
    /// <param name="nodeByNode">The same nodes one after the other.</param>
    public Func<QuantizedTensor[], QuantizedTensor[]> Fused(NormalizedQuantizer row, Func<QuantizedTensor[], QuantizedTensor[]> nodeByNode) => new FusedLayer(
        (BatchNormLayer)stateful[row.Norm.Name],
        (quantizations[row.Quantize.Name], row.Relu is not null),
        row.Residual is { } sum ? (quantizations[sum.Quantize.Name], sum.Relu is not null) : null,
        row.Narrow is { } narrow ? quantizations[narrow.Name] : null,
        kernels.Of(row),
        nodeByNode).Forward;

    Layer Weighted(Node node, WeightedLayer layer)
    {
        layer.UseKernels = kernels.OfWeights;
        return Register(node, layer).Forward;
    }

    Layer Quantize(Quantize node)
    {
        ActivationQuantization quantization = node.SharedWith is { } owner
            ? quantizations[owner].SharedBy(node.Quantizer)
            : Register(node, quantizationOf(node));
        quantization.Kernels = kernels.Of(node);
        quantizations.Add(node.Name, quantization);
        return inputs => quantization.forward(inputs[0].Value);
    }

    T Register<T>(Node node, T module) where T : nn.Module
    {
        stateful.Add(node.Name, module);
        return module;
    }
}
