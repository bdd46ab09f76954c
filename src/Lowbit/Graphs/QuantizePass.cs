using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Turns a float network into its quantized twin, such that whatever trains also exists in integer hardware:
/// the images are quantized, every weight has its quantizer, every ReLU is followed by one, both operands of an add have one shared scale
/// (and a ReLU, so that both are unsigned), an average pool of quantized values sums integers and truncates.
/// </summary>
public static class QuantizePass
{
    /// <summary>The quantized twin of a float network.</summary>
    /// <exception cref="GraphException">The network is quantized already, or has nodes that the scheme has no integer form of.</exception>
    public static Graph Quantize(this Graph graph, QuantizationSpec spec)
    {
        if (graph.IsQuantized) throw new GraphException("The network is quantized already");
        if (spec.Scheme == QuantizationScheme.BnnPynq && graph.Nodes.FirstOrDefault(node => node is Add or AveragePool) is { } refused)
            throw new GraphException($"The scheme bnn_pynq has no integer form of {refused.Name} ({refused.Kind}); it is for networks without adds and average pools, such as cnv");
        return new Rewriting(graph, spec).Run();
    }

    /// <summary>One run of the pass: the nodes written so far, and what stands for each value of the float network.</summary>
    sealed class Rewriting(Graph graph, QuantizationSpec spec)
    {
        readonly List<Node> nodes = [];
        readonly Dictionary<string, string> valueOf = [];
        readonly Dictionary<string, Node> written = [];
        readonly string first = graph.WeightedNodes.First().Name;
        readonly string last = graph.WeightedNodes.Last().Name;
        readonly string images = graph.Nodes.OfType<Normalize>().FirstOrDefault()?.Name ?? graph.Input.Name;

        public Graph Run()
        {
            foreach (Node node in graph.Nodes) valueOf[node.Name] = Rewrite(node);
            return new(nodes);
        }

        /// <summary>Writes what stands for a node, and names the value that does.</summary>
        string Rewrite(Node node) => node switch
        {
            Input or Normalize => node.Name == images ? Quantized(Write(Rewired(node)), "input.quant", spec.Input) : Write(Rewired(node)),
            IWeighted weighted => Weighted(node, weighted),
            Relu relu when spec.Scheme == QuantizationScheme.BnnPynq => Quantized(valueOf[relu.From], $"{relu.Name}.quant", spec.ActivationOf(relu.Name, signed: true)),
            Relu relu => Quantized(Write(Rewired(relu)), $"{relu.Name}.quant", spec.ActivationOf(relu.Name, signed: false)),
            Add add => Residual(add),
            AveragePool pool => Pool(pool),
            _ => Write(Rewired(node)),
        };

        string Weighted(Node node, IWeighted weighted)
        {
            int bits = weighted.Name == first ? spec.FirstWeightBitWidth : weighted.Name == last ? spec.LastWeightBitWidth : spec.WeightBitWidth;
            string input = AsQuantized(valueOf[node.Inputs[0]]);
            Node quantized = weighted.WithQuantizers(spec.WeightsOf(weighted.Name, bits), weighted.Bias ? spec.BiasBitWidth : null);
            if (spec.Scheme != QuantizationScheme.BnnPynq || weighted.Name != last) return Write(Rewired(quantized, input));

            Node withoutBias = quantized is Linear linear ? linear with { Bias = false, BiasBitWidth = null } : quantized;
            return Write(new TensorNorm($"{weighted.Name}.norm", Write(Rewired(withoutBias, input))));
        }

        /// <summary>
        /// Both operands of an add get one scale, that of the operand which is quantized already (the identity), else a new one. A ReLU
        /// on both branches makes them unsigned: FINN maps no add of signed values. Brevitas's quantized ResNets do the same.
        /// </summary>
        string Residual(Add add)
        {
            string[] operands = [valueOf[add.Left], valueOf[add.Right]];
            string? owner = operands.Select(OwnerOf).FirstOrDefault(name => name is not null);
            for (int i = 0; i < 2; i++)
            {
                if (OwnerOf(operands[i]) is { } own && own == owner) continue;
                string positive = Write(new Relu($"{operands[i]}.relu", operands[i]));
                ActivationQuantizer quantizer = owner is null ? spec.ActivationOf(operands[i], signed: false) : ((Quantize)written[owner]).Quantizer;
                operands[i] = Write(new Quantize($"{operands[i]}.quant", positive, quantizer, owner));
                owner ??= operands[i];
            }
            return Write(new Add(add.Name, operands[0], operands[1]));
        }

        string Pool(AveragePool pool)
        {
            string input = AsQuantized(valueOf[pool.From]);
            int bits = ((Quantize)written[OwnerOf(input)!]).Quantizer.BitWidth;
            return Write(pool with { From = input, OutputBitWidth = Math.Min(8, pool.SumBitWidth(bits)) });
        }

        /// <summary>The value itself where it is quantized, else a quantizer behind it: a layer in integers takes integers.</summary>
        string AsQuantized(string value) => OwnerOf(value) is not null || IsTruncatedPool(value)
            ? value
            : Quantized(value, $"{value}.quant", spec.ActivationOf(value, signed: written[value] is not Add));

        /// <summary>The quantizer whose scale a value has, looking through nodes that keep it; null where it has none.</summary>
        string? OwnerOf(string value) => written[value] switch
        {
            Quantize quantize => quantize.Owner,
            MaxPool or Flatten => OwnerOf(written[value].Inputs[0]),
            _ => null,
        };

        bool IsTruncatedPool(string value) => written[value] is AveragePool || (written[value] is Flatten flatten && IsTruncatedPool(flatten.From));

        string Quantized(string value, string name, ActivationQuantizer quantizer) => Write(new Quantize(name, value, quantizer));

        Node Rewired(Node node) => node is UnaryNode unary ? Rewired(unary, valueOf[unary.From]) : node;

        static Node Rewired(Node node, string from) => (UnaryNode)node with { From = from };

        string Write(Node node)
        {
            nodes.Add(node);
            written.Add(node.Name, node);
            return node.Name;
        }
    }
}
