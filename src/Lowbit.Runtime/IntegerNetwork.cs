using System.Collections.Immutable;

namespace Lowbit.Runtime;

/// <summary>The images that a network takes: raw pixels, 0 to 255.</summary>
/// <param name="Name">What nodes call them.</param>
/// <param name="Shape">The shape of one image.</param>
public sealed record ImageInput(string Name, ValueShape Shape);

/// <summary>The network's output, the only real numbers in it: for each class <c>logit = (float)(scale * (double)sum + offset)</c>.</summary>
/// <param name="From">The node whose integers are the sums; one for each class.</param>
/// <param name="Scales">One for each class.</param>
/// <param name="Offsets">One for each class.</param>
public sealed record LogitsOutput(string From, ImmutableArray<double> Scales, ImmutableArray<double> Offsets);

/// <summary>
/// A trained network in integers, as data: what hardware computes. Immutable; its nodes are in an order in which they can run, and no image makes a sum leave int32 or
/// a product leave int64.
/// </summary>
public sealed class IntegerNetwork
{
    /// <summary>Channels of all values together.</summary>
    const long MaximumChannels = 1 << 24;

    readonly Dictionary<string, IntegerValue> values = [];

    /// <summary>Checks that the nodes fit together, and infers what every value can be.</summary>
    /// <param name="image">The images.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="logits">The output.</param>
    /// <param name="metadata">What is worth knowing of the network: its model, its dataset, its classes.</param>
    /// <exception cref="LowbitException">They do not fit together, or a number could leave the bits that it has; one sentence that names the node.</exception>
    public IntegerNetwork(ImageInput image, ImmutableArray<IntegerNode> nodes, LogitsOutput logits, ImmutableSortedDictionary<string, string>? metadata = null)
    {
        (Image, Nodes, Logits, Metadata) = (image, nodes, logits, metadata ?? ImmutableSortedDictionary<string, string>.Empty);
        if (!image.Shape.IsPossible) throw new LowbitException($"{image.Name}: images of {image.Shape} are not possible");
        values.Add(image.Name, new(image.Shape, [.. Enumerable.Repeat(new Interval(0, byte.MaxValue), image.Shape.Channels)]));
        long channels = image.Shape.Channels;
        foreach (IntegerNode node in nodes)
        {
            IntegerValue value = node.Infer([.. node.Inputs.Select(input => ValueOf(node.Name, input))]);
            if ((channels += value.Ranges.Length) > MaximumChannels) throw node.Refuse($"the values up to here have more than {MaximumChannels} channels");
            if (!values.TryAdd(node.Name, value)) throw node.Refuse("two nodes have this name");
        }
        ValueShape last = ValueOf("logits", logits.From).Shape;
        if (logits.Scales.IsDefault || logits.Offsets.IsDefault || last.Pixels != 1 || logits.Scales.Length != last.Channels || logits.Offsets.Length != last.Channels)
            throw new LowbitException($"logits: {logits.From} is {last}; there must be one integer, one scale and one offset for each class");
        if (logits.Scales.Concat(logits.Offsets).Any(number => !double.IsFinite(number))) throw new LowbitException("logits: a scale or an offset is not a number");
    }

    /// <summary>The images.</summary>
    public ImageInput Image { get; }

    /// <summary>The nodes, each after those whose values it takes.</summary>
    public ImmutableArray<IntegerNode> Nodes { get; }

    /// <summary>The output.</summary>
    public LogitsOutput Logits { get; }

    /// <summary>What is worth knowing of the network, by key.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Classes that the network tells apart.</summary>
    public int Classes => Logits.Scales.Length;

    /// <summary>The shape of a node's value, and what it can be, by channel.</summary>
    /// <exception cref="LowbitException">There is no node of that name.</exception>
    public IntegerValue ValueOf(string node) => values.TryGetValue(node, out IntegerValue? value) ? value : throw new LowbitException($"No node is named {node}");

    IntegerValue ValueOf(string reader, string? name) => name is not null && values.TryGetValue(name, out IntegerValue? value)
        ? value
        : throw new LowbitException($"{reader}: it takes the value of {name ?? "nothing"}, and no node of that name comes before it");
}
