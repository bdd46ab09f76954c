using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>Refuses what gives other results each time that it runs: nodes that train, and random numbers.</summary>
static class EvaluationMode
{
    static readonly HashSet<string> Random = ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"];

    /// <exception cref="LowbitException">A node, which is named, is in training mode.</exception>
    public static void Check(IEnumerable<NodeProto> nodes, GraphProto graph)
    {
        var constants = graph.Initializer.DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
        Check([.. nodes], constants);
    }

    static void Check(IReadOnlyList<NodeProto> nodes, Dictionary<string, TensorProto> outer)
    {
        var constants = new Dictionary<string, TensorProto>(outer);
        foreach (var node in nodes.Where(node => node is { OpType: "Constant", Output.Count: > 0 }))
            if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } value) constants[node.Output[0]] = value;
        foreach (var node in nodes)
        {
            string name = new OnnxNode(node, 0).Name;
            if (OnnxNode.Canonical(node.Domain) is "" && Random.Contains(node.OpType))
                throw new LowbitException($"node {name} ({node.OpType}) gives random numbers; export the network in evaluation mode");
            if (Trains(node, constants))
                throw new LowbitException($"node {name} ({node.OpType}): it is in training mode; export the network in evaluation mode");
            foreach (var graph in node.Attribute.Select(attribute => attribute.G).OfType<GraphProto>())
                Check(graph.Node, graph.Initializer.Aggregate(new Dictionary<string, TensorProto>(constants), (all, tensor) => { all[tensor.Name] = tensor; return all; }));
        }
    }

    static bool Trains(NodeProto node, Dictionary<string, TensorProto> constants) => node.OpType switch
    {
        "BatchNormalization" => new OnnxNode(node, 0).Flag("training_mode"),
        // What is not a constant may turn out to be true.
        "Dropout" when node.Input.ElementAtOrDefault(2) is { Length: > 0 } mode =>
            !constants.TryGetValue(mode, out var flag) || TensorReader.Read(flag).Data.Any(value => value != 0),
        _ => false,
    };
}
