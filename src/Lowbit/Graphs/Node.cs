using System.Collections.Immutable;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Lowbit.Runtime;

namespace Lowbit.Graphs;

/// <summary>
/// One operation of a network, as data. It refers to other nodes by name, and declares what shape inference, cost, quantization and the integer
/// network need. Lowbit.Networks implements how it runs, Lowbit.Export how it is written.
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

    /// <summary>The integers of the node's value, from those of its inputs (null where one is in real numbers); null where its own is in real numbers.</summary>
    internal virtual IntegerType? InferIntegers(ReadOnlySpan<IntegerType?> inputs) => null;

    /// <summary>Whether the node's value is never negative, from whether its inputs are.</summary>
    internal virtual bool IsPositive(ReadOnlySpan<bool> inputs) => false;

    /// <summary>
    /// Whether the node chooses among the values of its only input, so that a quantizer in front of it gives what one after it does: a pool of maxima, a flattening.
    /// </summary>
    internal virtual bool KeepsScale => false;

    /// <summary>How the value at each place follows from the value at that place of its only input, if it does: then it may lie between two integers, as part of a step function.</summary>
    internal virtual Pointwise Pointwise => Pointwise.No;

    /// <summary>The operation on integers that the node is where its inputs are integers; null where there is none, or where it lies between two integers.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="inputs">The values that it takes in the integer network, and what the network's arithmetic counts for them.</param>
    internal virtual IntegerNode? InIntegers(string name, ReadOnlySpan<(string Name, IntegerType Type)> inputs) => null;

    /// <summary>The node with its constants rounded to float32, as they are in exported files.</summary>
    internal virtual Node WithSinglePrecision() => this;

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

/// <summary>How a node's value at a place follows from its input's at that place: by a function that only rises or only falls, or not from that alone.</summary>
enum Pointwise
{
    /// <summary>It does not.</summary>
    No,

    /// <summary>By a function for each channel.</summary>
    ByChannel,

    /// <summary>By one function for all channels.</summary>
    Alike,
}

/// <summary>What a node holds and does for one image.</summary>
/// <param name="Weights">Values of its weight tensor, which a quantizer can pack.</param>
/// <param name="OtherParameters">Other learned values: biases, batch norm.</param>
/// <param name="Macs">Multiply-accumulate operations.</param>
/// <param name="WeightScales">What the quantizer of its weights learns.</param>
public readonly record struct NodeCost(long Weights, long OtherParameters, long Macs, long WeightScales = 0)
{
    /// <summary>All learned values.</summary>
    public long Parameters => Weights + OtherParameters + WeightScales;
}
