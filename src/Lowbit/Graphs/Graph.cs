using System.Collections.Immutable;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// A network as data: nodes in an order in which they can run, the first the input, the last the output. Immutable; a pass over a
/// graph gives another graph. Everything else (training, summary, export, integer execution) reads it.
/// </summary>
public sealed class Graph
{
    readonly Dictionary<string, int> indexOf = [];
    readonly ImmutableArray<Shape> shapes;

    /// <summary>Checks that the nodes fit together and infers every shape.</summary>
    /// <exception cref="GraphException">A name occurs twice, an input does not come before its node, does not fit it, or a value is not used.</exception>
    public Graph(IEnumerable<Node> nodes)
    {
        Nodes = [.. nodes];
        if (Nodes is not [Lowbit.Graphs.Nodes.Input, ..]) throw new GraphException("A network begins with its input node");
        if (Nodes.OfType<Input>().ElementAtOrDefault(1) is { } second) throw new GraphException($"A network has one input, and {second.Name} is a second one");

        var inferred = ImmutableArray.CreateBuilder<Shape>(Nodes.Length);
        foreach (Node node in Nodes)
        {
            Shape[] inputs = [.. node.Inputs.Select(input => indexOf.TryGetValue(input, out int index)
                ? inferred[index]
                : throw new GraphException($"{node.Name} takes the value of {input}, and no node of that name comes before it{NearestName.Hint(input, indexOf.Keys)}"))];
            if (!indexOf.TryAdd(node.Name, inferred.Count)) throw new GraphException($"Two nodes are named {node.Name}");
            if (node is Quantize { SharedWith: { } owner } && !(indexOf.TryGetValue(owner, out int at) && Nodes[at] is Quantize { SharedWith: null }))
                throw new GraphException($"{node.Name} shares the scale of {owner}, and no quantizer of that name comes before it");
            inferred.Add(node.InferShape(inputs));
        }
        shapes = inferred.MoveToImmutable();

        HashSet<string> taken = [Output.Name, .. Nodes.SelectMany(node => node.Inputs)];
        if (Nodes.FirstOrDefault(node => !taken.Contains(node.Name)) is { } unused)
            throw new GraphException($"No node takes the value of {unused.Name}, and it is not the last");
    }

    /// <summary>The nodes, each after those whose values it takes.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The images that the network takes.</summary>
    public Input Input => (Input)Nodes[0];

    /// <summary>The node whose value is the network's.</summary>
    public Node Output => Nodes[^1];

    /// <summary>The node of that name.</summary>
    /// <exception cref="GraphException">There is none.</exception>
    public Node this[string name] => Nodes[IndexOf(name)];

    /// <summary>The position of a node in <see cref="Nodes"/>.</summary>
    /// <exception cref="GraphException">There is none of that name.</exception>
    public int IndexOf(string name) => indexOf.TryGetValue(name, out int index)
        ? index
        : throw new GraphException($"No node is named {name}{NearestName.Hint(name, indexOf.Keys)}");

    /// <summary>The shape of a node's value, for one image.</summary>
    /// <exception cref="GraphException">There is no node of that name.</exception>
    public Shape ShapeOf(string name) => shapes[IndexOf(name)];

    /// <summary>The shapes that a node takes.</summary>
    public Shape[] InputShapes(Node node) => [.. node.Inputs.Select(ShapeOf)];

    /// <summary>The nodes that take a node's value.</summary>
    public IEnumerable<Node> ConsumersOf(string name) => Nodes.Where(node => node.Inputs.Contains(name));

    /// <summary>Whether a batch norm, and nothing else, takes a node's value.</summary>
    internal bool IsNormalized(Node node) => ConsumersOf(node.Name).ToArray() is [BatchNorm];

    /// <summary>The convolutions and linear layers, in order.</summary>
    public IEnumerable<IWeighted> WeightedNodes => Nodes.OfType<IWeighted>();

    /// <summary>Which integers every value holds.</summary>
    public IntegerAnalysis Integers => field ??= new(this);

    /// <summary>Whether any node is quantized.</summary>
    public bool IsQuantized => Nodes.Any(node => node is Quantize or IWeighted { WeightQuantizer: not null });
}
