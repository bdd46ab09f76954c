using System.Collections.Immutable;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// One operation of a network, as data. What it needs to know of others are their names; what it knows of itself is all
/// that shape inference and cost need. How it runs stands in Lowbit.Networks, how it is written in Lowbit.Export.
/// </summary>
/// <param name="Name">Unique in its graph; parameters are named <c>Name.parameter</c>.</param>
public abstract record Node(string Name)
{
    /// <summary>The names of the nodes whose values it takes.</summary>
    public abstract ImmutableArray<string> Inputs { get; }

    /// <summary>The same node with other inputs, as many as it has, in the order of <see cref="Inputs"/>.</summary>
    public abstract Node WithInputs(ImmutableArray<string> inputs);

    /// <summary>What this kind of node is called in tables: conv, linear, relu ...</summary>
    public abstract string Kind { get; }

    /// <summary>The shape of the node's value.</summary>
    /// <exception cref="GraphException">The inputs do not fit this node.</exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>What the node holds and does for one image.</summary>
    public virtual NodeCost Cost(ReadOnlySpan<Shape> inputs) => default;

    /// <summary>The error of inputs that do not fit, naming the node.</summary>
    protected GraphException Refuse(string reason) => new($"{Name} ({Kind}): {reason}");

    /// <summary>The only input's shape, which must be an image.</summary>
    /// <exception cref="GraphException">It is a vector of features.</exception>
    protected Shape Image(ReadOnlySpan<Shape> inputs) => inputs[0].IsFlat
        ? throw Refuse($"takes an image of channels x height x width, and its input {Inputs[0]} is a vector of {inputs[0]} features")
        : inputs[0];

    /// <summary>The height or width that a window of <paramref name="kernel"/> leaves of <paramref name="size"/>.</summary>
    /// <exception cref="GraphException">The window is larger than the padded image, or not possible.</exception>
    protected int Slide(int size, int kernel, int stride, int padding)
    {
        if (kernel < 1 || stride < 1 || padding < 0) throw Refuse($"a window of {kernel}x{kernel} with stride {stride} and padding {padding} is not possible");
        if (kernel > size + 2 * padding) throw Refuse($"its window of {kernel}x{kernel} is larger than its input of {size} pixels with padding {padding}");
        return (size + 2 * padding - kernel) / stride + 1;
    }

    /// <summary>The output channels of a layer: 1 or more, and a bias that has 2 to 32 bits where it is quantized.</summary>
    /// <exception cref="GraphException">They are not, or it has not.</exception>
    protected int Outputs(IWeighted layer)
    {
        if (layer.Channels < 1) throw Refuse($"cannot have {layer.Channels} output channels");
        if (layer.BiasBitWidth is < 2 or > 32) throw Refuse($"a bias of {layer.BiasBitWidth} bits is not possible; it has 2 to 32");
        return layer.Channels;
    }
}

/// <summary>A node that takes one value.</summary>
/// <param name="Name">Unique in its graph.</param>
/// <param name="From">The node whose value it takes.</param>
public abstract record UnaryNode(string Name, string From) : Node(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override Node WithInputs(ImmutableArray<string> inputs) => this with { From = inputs[0] };
}

/// <summary>What a node holds and does for one image.</summary>
/// <param name="Weights">Values of its weight tensor, which a quantizer can pack.</param>
/// <param name="OtherParameters">Other learned values: biases, batch norm.</param>
/// <param name="Macs">Multiply-accumulate operations.</param>
public readonly record struct NodeCost(long Weights, long OtherParameters, long Macs)
{
    /// <summary>All learned values.</summary>
    public long Parameters => Weights + OtherParameters;
}
