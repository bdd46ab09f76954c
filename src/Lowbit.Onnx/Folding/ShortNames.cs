using System.Globalization;
using Onnx;

namespace Lowbit.Export.Folding;

/// <summary>Short names for the tensors of a graph: in a file of few-bit weights, names of 30 letters that stand in ten places each would be a quarter of the bytes.</summary>
static class ShortNames
{
    /// <summary>Renames every tensor but the graph's input and output; convolutions and matrix products keep their layer's name as the node's.</summary>
    /// <returns>The new name of each tensor.</returns>
    public static IReadOnlyDictionary<string, string> Apply(GraphProto graph)
    {
        var names = graph.Input.Concat(graph.Output).ToDictionary(value => value.Name, value => value.Name);
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType is "Conv" or "Gemm") node.Name = node.Output[0];
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = Short(node.Input[i]);
            for (int i = 0; i < node.Output.Count; i++) node.Output[i] = Short(node.Output[i]);
        }
        foreach (TensorProto tensor in graph.Initializer) tensor.Name = Short(tensor.Name);
        return names;

        string Short(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = names.Count.ToString("x", CultureInfo.InvariantCulture);
    }
}
