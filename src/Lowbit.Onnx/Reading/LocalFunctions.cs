using Google.Protobuf.Collections;
using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>Puts the nodes of a file's own functions in the place of the nodes that call them.</summary>
sealed class LocalFunctions
{
    /// <summary>Far more than networks have; functions that call each other twice and twice again make them of a few bytes.</summary>
    const int MostNodes = 100_000, MostLevels = 32;
    const long MostBytes = 1L << 25;

    readonly Dictionary<(string Domain, string Name), FunctionProto> functions;
    readonly List<NodeProto> nodes = [];
    int calls;
    long bytes;

    LocalFunctions(ModelProto model) => functions = model.Functions
        .GroupBy(function => (OnnxNode.Canonical(function.Domain), function.Name)).ToDictionary(same => same.Key, same => same.First());

    /// <summary>The nodes of a model's graph, those of its functions among them; the model stays as it is.</summary>
    /// <exception cref="LowbitException">The functions call themselves, or make more nodes than any network has.</exception>
    public static IReadOnlyList<NodeProto> Inlined(ModelProto model)
    {
        if (model.Functions.Count == 0) return model.Graph.Node;
        var inlining = new LocalFunctions(model);
        foreach (var node in model.Graph.Node)
            inlining.Add(node, level: 0);
        return inlining.nodes;
    }

    void Add(NodeProto node, int level)
    {
        if (level > MostLevels || ++calls > MostNodes || (level > 0 && (bytes += node.CalculateSize()) > MostBytes))
            throw TooMany();
        if (functions.TryGetValue((OnnxNode.Canonical(node.Domain), node.OpType), out var function))
            Call(function, node, level);
        else
            nodes.Add(node);
    }

    void Call(FunctionProto function, NodeProto call, int level)
    {
        string prefix = $"{function.Name}/{calls}/";
        var names = new Dictionary<string, string> { [""] = "" };
        Bind(function.Input, call.Input);
        Bind(function.Output, call.Output);
        var given = call.Attribute.Concat(function.AttributeProto).DistinctBy(attribute => attribute.Name).ToDictionary(attribute => attribute.Name);
        foreach (var body in function.Node)
        {
            // Checked before it is copied: a call's name stands in every name of its body.
            if ((bytes += prefix.Length * (2L + body.Input.Count + body.Output.Count)) > MostBytes) throw TooMany();
            var node = body.Clone();
            node.Name = prefix + node.Name;
            Rename(node, name => names.TryGetValue(name, out string? bound) ? bound : names[name] = prefix + name);
            Fill(node.Attribute, given);
            Add(node, level + 1);
        }

        void Bind(RepeatedField<string> formal, RepeatedField<string> actual)
        {
            for (int i = 0; i < formal.Count; i++)
                names[formal[i]] = i < actual.Count && (actual[i] is not "" || formal == function.Input) ? actual[i] : formal == function.Input ? "" : prefix + formal[i];
        }
    }

    static LowbitException TooMany() => new($"its functions call themselves, or make more than {MostNodes} nodes");

    /// <summary>Puts attributes of the call where the body refers to them; what the call leaves out, the node does not have.</summary>
    static void Fill(RepeatedField<AttributeProto> attributes, Dictionary<string, AttributeProto> given)
    {
        for (int i = attributes.Count - 1; i >= 0; i--)
        {
            if (attributes[i].G is { } graph)
                foreach (var node in graph.Node)
                    Fill(node.Attribute, given);
            if (attributes[i].RefAttrName is "") continue;
            if (given.TryGetValue(attributes[i].RefAttrName, out var value))
            {
                string name = attributes[i].Name;
                attributes[i] = value.Clone();
                attributes[i].Name = name;
            }
            else
                attributes.RemoveAt(i);
        }
    }

    static void Rename(NodeProto node, Func<string, string> name)
    {
        for (int i = 0; i < node.Input.Count; i++) node.Input[i] = name(node.Input[i]);
        for (int i = 0; i < node.Output.Count; i++) node.Output[i] = name(node.Output[i]);
        foreach (var graph in node.Attribute.Select(attribute => attribute.G).OfType<GraphProto>())
        {
            foreach (var value in graph.Input.Concat(graph.Output)) value.Name = name(value.Name);
            foreach (var tensor in graph.Initializer) tensor.Name = name(tensor.Name);
            foreach (var inner in graph.Node) Rename(inner, name);
        }
    }
}
