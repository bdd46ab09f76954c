using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Turns a float network into its quantized twin, such that whatever trains also exists in integer hardware: the images are quantized, every
/// weight has its quantizer, every ReLU is followed by one, a layer or pool that would take real numbers gets one in front, the operands of
/// an add have one shared scale (<see cref="ResidualForm"/> says what becomes of negative ones), an average pool sums integers and truncates.
/// Residual streams have bits of their own (<see cref="QuantizationSpec.ResidualBitWidth"/>): layers that take fewer share one quantizer after each.
/// </summary>
public static class QuantizePass
{
    /// <summary>
    /// What the batch norm of a rectified residual branch starts from. Branches that cannot be negative only ever add up: from 1, the values grow along a stage
    /// until few of the levels are left for most of them. docs/benchmarks.md has what it brings.
    /// </summary>
    const double RectifiedBranchWeight = 0.4;

    /// <summary>The quantized twin of a float network.</summary>
    /// <exception cref="GraphException">The network is quantized already, has nodes that the scheme has no integer form of, or an override matches nothing.</exception>
    public static Graph Quantize(this Graph graph, QuantizationSpec spec)
    {
        if (graph.IsQuantized) throw new GraphException("The network is quantized already");
        if (spec.Scheme == QuantizationScheme.BnnPynq && graph.Nodes.FirstOrDefault(node => node is Add or AveragePool) is { } refused)
            throw new GraphException($"The scheme bnn_pynq has no integer form of {refused.Name} ({refused.Kind}); it is for networks without adds and average pools, such as cnv");
        return new Rewriting(graph, spec).Run();
    }

    /// <summary>One run of the pass: the nodes written so far, and what stands for each value of the float network.</summary>
    sealed class Rewriting
    {
        readonly Graph graph;
        readonly QuantizationSpec spec;
        readonly string? first;
        readonly string? last;
        readonly string images;
        readonly ScaleGroups groups;
        readonly List<Node> nodes = [];
        readonly IntegerAnalysis types = new();
        readonly Dictionary<string, string> valueOf = [];
        readonly Dictionary<string, Quantize> quantizerOf = [];
        readonly Dictionary<string, Quantize> ownerOf = [];
        readonly Dictionary<string, Quantize> narrowedOf = [];
        readonly HashSet<string> activations = [];

        public Rewriting(Graph graph, QuantizationSpec spec)
        {
            (this.graph, this.spec) = (graph, spec);
            (first, last) = (graph.WeightedNodes.FirstOrDefault()?.Name, graph.WeightedNodes.LastOrDefault()?.Name);
            images = graph.ConsumersOf(graph.Input.Name).OfType<Normalize>().FirstOrDefault()?.Name ?? graph.Input.Name;
            groups = new(graph, images, spec.Residual);
        }

        public Graph Run()
        {
            foreach (Node node in graph.Nodes) valueOf[node.Name] = Rewrite(node);
            CheckOverrides();
            return new(nodes);
        }

        /// <summary>Writes what stands for a node, and names the value that does.</summary>
        string Rewrite(Node node) => node switch
        {
            Input or Normalize when node.Name == images => Quantized(node.Name, Write(Rewired(node))),
            IWeighted weighted => Weighted(node, weighted),
            Relu relu when spec.Scheme == QuantizationScheme.BnnPynq => Quantized(relu.Name, valueOf[relu.From]),
            Relu relu => Quantized(relu.Name, Write(Rewired(relu))),
            BatchNorm norm when spec.Scheme == QuantizationScheme.BnnPynq => Write(Rewired(norm with { Epsilon = 1e-4 })),
            BatchNorm norm when groups.IsRectifiedBranch(norm.Name) => Write(Rewired(norm with { InitialWeight = RectifiedBranchWeight * norm.InitialWeight })),
            Add add => Write(add with { Left = Operand(add.Left), Right = Operand(add.Right) }),
            AveragePool pool => Pool(pool),
            _ => Write(Rewired(node)),
        };

        string Weighted(Node node, IWeighted weighted)
        {
            int bits = spec.Scheme == QuantizationScheme.BnnPynq ? spec.WeightBitWidth
                : weighted.Name == first ? spec.FirstWeightBitWidth
                : weighted.Name == last ? spec.LastWeightBitWidth
                : spec.WeightBitWidth;
            string input = weighted.Name == last || groups.IsShortcut(node) ? LayerInput(node.Inputs[0]) : Narrowed(node.Inputs[0], LayerInput(node.Inputs[0]));
            Node quantized = weighted.WithQuantizers(spec.WeightsOf(weighted.Name, bits, weighted.Name == last, graph.IsNormalized(node)), weighted.Bias ? spec.BiasBitWidth : null);
            if (spec.Scheme != QuantizationScheme.BnnPynq || weighted.Name != last) return Write(quantized.WithInputs([input]));

            Node withoutBias = quantized is Linear linear ? linear with { Bias = false, BiasBitWidth = null } : quantized;
            return Write(new TensorNorm($"{weighted.Name}.norm", Write(withoutBias.WithInputs([input]))));
        }

        string Pool(AveragePool pool)
        {
            string input = LayerInput(pool.From);
            return Write(pool with { From = input, OutputBitWidth = Math.Min(8, pool.SumBitWidth(types.BitWidthOf(input))) });
        }

        /// <summary>What a layer takes: the value if it is in integers, else that of a quantizer after it. A sum has a bit too many.</summary>
        string LayerInput(string value) => types.TypeOf(valueOf[value]) is { Terms: 1 } ? valueOf[value] : Quantized(value, valueOf[value]);

        /// <summary>What a layer takes of a residual stream that has more bits than activations have: one quantizer for all layers that take them.</summary>
        string Narrowed(string value, string stream)
        {
            if (spec.ResidualBitWidth is not { } wide || !groups.IsStream(value)) return stream;
            activations.Add(value);
            int bits = spec.ActivationBitsOf(value);
            if (bits >= wide) return stream;
            if (narrowedOf.TryGetValue(value, out Quantize? done)) return done.Name;
            if (graph[value] is MaxPool && !groups.IsSigned(value)) stream = Write(new Relu($"{value}.narrow.relu", stream));   // after a pool, FINN takes a quantizer after a ReLU only
            var node = new Quantize($"{value}.narrow", stream, spec.Activation(bits, groups.IsSigned(value)));
            narrowedOf.Add(value, node);
            return Write(node);
        }

        /// <summary>What an add takes: the value if its group's quantizer made it, else that of a quantizer after it.</summary>
        string Operand(string value) =>
            types.TypeOf(valueOf[value]) is { Terms: 1 } type && ownerOf.TryGetValue(groups.GroupOf(value), out Quantize? owner) && type.Scale == new ScaleSource(owner.Name)
                ? valueOf[value]
                : Quantized(value, valueOf[value]);

        /// <summary>Writes the quantizer of a value of the float network, for which <paramref name="from"/> stands so far; once only.</summary>
        string Quantized(string value, string from)
        {
            if (quantizerOf.TryGetValue(value, out Quantize? done)) return done.Name;
            string group = groups.GroupOf(value);
            ownerOf.TryGetValue(group, out Quantize? owner);
            ActivationQuantizer quantizer = owner?.Quantizer.WithSign(groups.IsSigned(value))
                ?? (value == images ? spec.Input : spec.Activation(BitsOf(value), groups.IsSigned(value)));
            if (!quantizer.TakesNegatives && !groups.IsPositive(value)) from = Write(new Relu($"{value}.relu", from));

            var node = new Quantize(value == images ? "input.quant" : $"{value}.quant", from, quantizer, owner?.Name);
            quantizerOf.Add(value, node);
            ownerOf.TryAdd(group, node);
            return Write(node);
        }

        int BitsOf(string value)
        {
            if (spec.ResidualBitWidth is { } wide && groups.IsStream(value)) return wide;
            activations.Add(value);
            return spec.ActivationBitsOf(value);
        }

        /// <summary>An exception for a layer that is not there is a mistake that nobody would see.</summary>
        void CheckOverrides()
        {
            foreach (LayerOverride exception in spec.Overrides)
            {
                if (exception.WeightBitWidth is not null) Check(exception, "convolution or linear layer", graph.WeightedNodes.Select(layer => layer.Name));
                if (exception.ActivationBitWidth is not null)
                    Check(exception, "quantized activation", activations);
            }
        }

        static void Check(LayerOverride exception, string kind, IEnumerable<string> names)
        {
            if (names.Any(exception.Matches)) return;
            string? example = NearestName.Of(exception.Pattern, names) ?? names.FirstOrDefault();
            throw new GraphException($"No {kind} has a name like {exception.Pattern}{(example is null ? "" : $"; one of them is {example}")}");
        }

        Node Rewired(Node node) => node.WithInputs([.. node.Inputs.Select(input => valueOf[input])]);

        string Write(Node node)
        {
            nodes.Add(node);
            types.Append(node);
            return node.Name;
        }
    }
}
