using Google.Protobuf.Collections;
using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>
/// Refuses data in other files for all tensors but the graph's initializers, whose place is checked where they are read: ONNX Runtime
/// would open such files by itself.
/// </summary>
static class ForeignData
{
    /// <exception cref="LowbitException">A node holds a tensor whose data lies elsewhere.</exception>
    public static void Check(ModelProto model)
    {
        if (model.Graph.SparseInitializer.Any(sparse => IsExternal(sparse.Values) || IsExternal(sparse.Indices))) throw Refused("a sparse initializer");
        Check(model.Graph.Node);
        foreach (var function in model.Functions)
        {
            Check(function.Node);
            foreach (var attribute in function.AttributeProto) Check(attribute, function.Name);
        }
    }

    static void Check(RepeatedField<NodeProto> nodes)
    {
        foreach (var node in nodes)
            foreach (var attribute in node.Attribute) Check(attribute, new OnnxNode(node, 0).Name);
    }

    static void Check(AttributeProto attribute, string node)
    {
        if (IsExternal(attribute.T) || attribute.Tensors.Any(IsExternal)) throw Refused($"node {node}");
        if (IsExternal(attribute.SparseTensor?.Values) || IsExternal(attribute.SparseTensor?.Indices)) throw Refused($"node {node}");
        foreach (var graph in attribute.Graphs.Append(attribute.G).OfType<GraphProto>())
        {
            if (graph.Initializer.Any(IsExternal) || graph.SparseInitializer.Any(sparse => IsExternal(sparse.Values) || IsExternal(sparse.Indices)))
                throw Refused($"node {node}");
            Check(graph.Node);
        }
    }

    static bool IsExternal(TensorProto? tensor) => tensor is { DataLocation: TensorProto.Types.DataLocation.External } or { ExternalData.Count: > 0 };

    static LowbitException Refused(string where) => new($"{where} has data in another file, which only an initializer of the graph may have");
}
