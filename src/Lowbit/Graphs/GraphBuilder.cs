using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Writes a graph as one reads a network: each call appends a node and gives the place after it, from which several branches may go on.
/// <code>
/// var x = new GraphBuilder(new Shape(3, 32, 32)).ConvBnRelu(16, kernel: 3);
/// var y = x.ConvBnRelu(16, kernel: 3).Conv(16, kernel: 3).BatchNorm();
/// Graph graph = y.Add(x).Relu().GlobalAveragePool().Linear(10).ToGraph();
/// </code>
/// Nodes without a name of their own are numbered by kind: conv1, conv2, relu1.
/// </summary>
public sealed class GraphBuilder
{
    readonly List<Node> nodes;
    readonly Dictionary<string, int> counts;
    readonly string scope;
    readonly string current;
    readonly Shape shape;

    /// <summary>Begins a network that takes images of the given shape.</summary>
    public GraphBuilder(Shape input) : this([new Input("input", input)], [], "", "input", input)
    {
    }

    GraphBuilder(List<Node> nodes, Dictionary<string, int> counts, string scope, string current, Shape shape) =>
        (this.nodes, this.counts, this.scope, this.current, this.shape) = (nodes, counts, scope, current, shape);

    /// <summary>The shape of the value here.</summary>
    public Shape Shape => shape;

    /// <summary>The name of the node whose value is here.</summary>
    public string Name => current;

    /// <summary>Gives the nodes from here on names that begin with <paramref name="name"/> and a dot, and counts them anew.</summary>
    public GraphBuilder In(string name) => new(nodes, counts, name == "" ? "" : name + ".", current, shape);

    /// <summary>Subtracts a mean and divides by a standard deviation, by channel or for all channels alike.</summary>
    public GraphBuilder Normalize(IEnumerable<double> mean, IEnumerable<double> std, string? name = null) =>
        Append(new Normalize(NameOf(name, "normalize"), current, [.. mean], [.. std]));

    /// <summary>A convolution. Without <paramref name="padding"/>, the image keeps its size at stride 1.</summary>
    public GraphBuilder Conv(int channels, int kernel, int stride = 1, int? padding = null, int groups = 1, bool bias = false,
        WeightQuantizer? weights = null, int? biasBitWidth = null, string? name = null) =>
        Append(new Conv(NameOf(name, "conv"), current, channels, kernel, stride, padding ?? kernel / 2, groups, bias, weights, biasBitWidth));

    /// <summary>A fully connected layer; an image is flattened first.</summary>
    public GraphBuilder Linear(int features, bool bias = true, WeightQuantizer? weights = null, int? biasBitWidth = null, string? name = null) =>
        shape.IsFlat
            ? Append(new Linear(NameOf(name, "linear"), current, features, bias, weights, biasBitWidth))
            : Flatten().Linear(features, bias, weights, biasBitWidth, name);

    /// <summary>Batch normalization; its factors begin as <paramref name="initialWeight"/>.</summary>
    public GraphBuilder BatchNorm(double epsilon = 1e-5, double momentum = 0.1, string? name = null, double initialWeight = 1) =>
        Append(new BatchNorm(NameOf(name, "bn"), current, epsilon, momentum, initialWeight));

    /// <summary>Batch normalization of the whole tensor as one channel.</summary>
    public GraphBuilder TensorNorm(double epsilon = 1e-4, double momentum = 0.1, string? name = null) =>
        Append(new TensorNorm(NameOf(name, "norm"), current, epsilon, momentum));

    /// <summary>max(x, 0).</summary>
    public GraphBuilder Relu(string? name = null) => Append(new Relu(NameOf(name, "relu"), current));

    /// <summary>Convolution, batch normalization and ReLU, as most networks have them.</summary>
    public GraphBuilder ConvBnRelu(int channels, int kernel, int stride = 1, int? padding = null, int groups = 1) =>
        Conv(channels, kernel, stride, padding, groups).BatchNorm().Relu();

    /// <summary>A quantizer of its own, or one that shares the scale of the quantizer named <paramref name="sharedWith"/>.</summary>
    public GraphBuilder Quantize(ActivationQuantizer quantizer, string? sharedWith = null, string? name = null) =>
        Append(new Quantize(NameOf(name, "quant"), current, quantizer, sharedWith));

    /// <summary>The largest value of each window; windows side by side unless <paramref name="stride"/> says otherwise.</summary>
    public GraphBuilder MaxPool(int kernel, int? stride = null, int padding = 0, string? name = null) =>
        Append(new MaxPool(NameOf(name, "pool"), current, kernel, stride ?? kernel, padding));

    /// <summary>The mean of each window; with <paramref name="outputBitWidth"/> in integers, truncated to so many bits.</summary>
    public GraphBuilder AveragePool(int kernel, int? outputBitWidth = null, string? name = null) =>
        Append(new AveragePool(NameOf(name, "pool"), current, kernel, outputBitWidth));

    /// <summary>The mean of the whole (square) image.</summary>
    /// <exception cref="GraphException">The image is not square.</exception>
    public GraphBuilder GlobalAveragePool(string? name = null) => shape.Height == shape.Width
        ? AveragePool(shape.Height, name: name)
        : throw new GraphException($"A global average pool takes a square image, and {current} is {shape}");

    /// <summary>The sum of the value here and the one there.</summary>
    /// <exception cref="GraphException">The other value belongs to another network, or has another shape.</exception>
    public GraphBuilder Add(GraphBuilder other, string? name = null) => ReferenceEquals(nodes, other.nodes)
        ? Append(new Add(NameOf(name, "add"), current, other.current), other.shape)
        : throw new GraphException($"{current} and {other.current} cannot be added: they belong to different networks");

    /// <summary>Any node of one input: <c>x.Then("relu", (name, from) => new Relu(name, from))</c>.</summary>
    /// <param name="kind">What nodes without a name of their own are numbered by.</param>
    /// <param name="node">Makes the node of its name and its input's.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="GraphException">The node does not fit.</exception>
    public GraphBuilder Then(string kind, Func<string, string, Node> node, string? name = null) => Append(node(NameOf(name, kind), current));

    /// <summary>The image as a vector of features.</summary>
    public GraphBuilder Flatten(string? name = null) => Append(new Flatten(NameOf(name, "flatten"), current));

    /// <summary>The network that ends here.</summary>
    /// <exception cref="GraphException">The nodes do not fit together.</exception>
    public Graph ToGraph() => new(nodes[^1].Name == current
        ? nodes
        : throw new GraphException($"The network ends at {current}, but {nodes[^1].Name} was added after it and would be left out"));

    GraphBuilder Append(Node node, Shape? second = null)
    {
        Shape output = node.InferShape(second is { } other ? [shape, other] : [shape]);
        nodes.Add(node);
        return new(nodes, counts, scope, node.Name, output);
    }

    string NameOf(string? given, string kind)
    {
        if (given is not null) return scope + given;
        string stem = scope + kind;
        int number = counts[stem] = counts.GetValueOrDefault(stem) + 1;
        return stem + number;
    }
}
