using Lowbit.Export.Interpretation;
using Onnx;

namespace Lowbit.Export.Analysis;

/// <summary>A node with what is known of its inputs, null where one is left out, and its outputs.</summary>
sealed record NodeFacts(OnnxNode Node, IReadOnlyList<TensorFact?> Inputs, IReadOnlyList<TensorFact> Outputs);

/// <summary>What is known of a file's tensors for an input of a given shape, found without running it.</summary>
sealed class GraphFacts
{
    readonly OnnxModel model;
    readonly FactBudget? budget;
    readonly Dictionary<string, TensorFact> facts;
    readonly List<NodeFacts> nodes;

    GraphFacts(OnnxModel model, FactBudget? budget, Dictionary<string, TensorFact> facts, List<NodeFacts> nodes) =>
        (this.model, this.budget, this.facts, this.nodes) = (model, budget, facts, nodes);

    /// <summary>The nodes in their order, those of the branches of an If among them.</summary>
    public IReadOnlyList<NodeFacts> Nodes => nodes;

    public TensorFact this[string tensor] => facts.GetValueOrDefault(tensor, TensorFact.Unknown);

    /// <summary>Reads a file.</summary>
    /// <param name="model">The file.</param>
    /// <param name="input">The shape of its input.</param>
    /// <param name="budget">Is told of every node before it is passed; null where nothing is going to be run.</param>
    /// <exception cref="LowbitException">A node is known to neither the interpreter nor ONNX Runtime, or not for such inputs, or the budget is exceeded.</exception>
    public static GraphFacts Of(OnnxModel model, int[] input, FactBudget? budget = null)
    {
        var facts = new Dictionary<string, TensorFact> { [model.Input.Name] = new(model.InputType, input) };
        foreach (var (name, stored) in model.Initializers)
            facts[name] = stored.Count <= TensorFact.MostValues ? TensorFact.Of(stored.Read()) : new(stored.Type, stored.Shape, IsConstant: true);
        var graph = new GraphFacts(model, budget, facts, []);
        budget?.Begin(facts.Values);
        graph.Walk(model.Nodes, [.. model.Outputs.Select(output => output.Name)]);
        return graph;
    }

    void Walk(IReadOnlyList<OnnxNode> graph, IReadOnlyList<string> kept)
    {
        foreach (var (node, spent) in Lifetimes.Of(graph, kept))
        {
            TensorFact?[] inputs = [.. node.Inputs.Select(input => input is "" ? null : this[input])];
            try
            {
                var outputs = Infer(node, inputs);
                nodes.Add(new(node, inputs, outputs));
                budget?.Pass(node, inputs, outputs);
                for (int i = 0; i < node.Outputs.Count; i++)
                    if (node.Outputs[i] is not "") facts[node.Outputs[i]] = outputs[i];
                budget?.Release(spent.Select(tensor => this[tensor]));
            }
            catch (LowbitException problem) when (problem is not NodeException)
            {
                throw new NodeException($"{model.Path} cannot be run: node {node.Name} ({node.Kind}): {problem.Message}", problem);
            }
        }
    }

    TensorFact[] Infer(OnnxNode node, TensorFact?[] inputs)
    {
        bool isConstant = node.Reads.All(input => this[input].IsConstant);
        if (node is { Domain: "", Kind: "If" }) return Branches(node, isConstant);
        var outputs = NodeInference.Infer(model, node, inputs);
        return [.. outputs.Select(output => output with { IsConstant = isConstant })];
    }

    /// <summary>The branch that is taken, where that is known; of both what they have in common.</summary>
    TensorFact[] Branches(OnnxNode node, bool isConstant)
    {
        var condition = node.Inputs is [var name] ? this[name].Value : null;
        GraphProto?[] branches = condition is { Count: 1 } known
            ? [node.Graph(known.Single() != 0 ? "then_branch" : "else_branch")]
            : [node.Graph("then_branch"), node.Graph("else_branch")];
        TensorFact[][] outputs = [.. branches.Select(branch => Branch(branch ?? throw new LowbitException("one of its branches is missing")))];
        if (outputs.Any(branch => branch.Length < node.Outputs.Count)) throw new LowbitException("its branches do not give its outputs");
        return [.. node.Outputs.Select((_, i) => outputs.All(branch => Same(branch[i], outputs[0][i]))
            ? outputs[0][i] with { IsConstant = isConstant, Value = outputs.Length == 1 ? outputs[0][i].Value : null }
            : TensorFact.Unknown)];

        static bool Same(TensorFact a, TensorFact b) => a.Type == b.Type && (a.Shape == b.Shape || (a.Shape is not null && b.Shape is not null && a.Shape.AsSpan().SequenceEqual(b.Shape)));
    }

    TensorFact[] Branch(GraphProto branch)
    {
        var inner = new Dictionary<string, TensorFact>(facts);
        foreach (var tensor in branch.Initializer)
            inner[tensor.Name] = TensorFact.Of(Reading.TensorReader.Read(tensor));
        var graph = new GraphFacts(model, budget, inner, nodes);
        string[] kept = [.. branch.Output.Select(output => output.Name), .. facts.Keys];
        graph.Walk(model.NodesOf(branch.Node, inner.ContainsKey), kept);
        return [.. branch.Output.Select(output => graph[output.Name])];
    }

    /// <summary>A problem that names its node already.</summary>
    sealed class NodeException(string message, Exception cause) : LowbitException(message, cause);
}
