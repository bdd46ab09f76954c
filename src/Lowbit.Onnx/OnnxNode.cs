using Lowbit.Export.Interpretation;
using Lowbit.Export.Reading;
using Onnx;

namespace Lowbit.Export;

/// <summary>One node of a file's graph: what it computes, from which tensors, with which attributes.</summary>
sealed class OnnxNode(NodeProto proto, long version)
{
    /// <summary>The domains that QONNX's operators have had over the years; all mean the same.</summary>
    static readonly string[] QonnxDomains = ["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"];

    readonly Dictionary<string, AttributeProto> attributes = proto.Attribute.DistinctBy(a => a.Name).ToDictionary(a => a.Name);

    public string Name => proto.Name is "" ? $"that makes {proto.Output.FirstOrDefault()}" : proto.Name;

    public string Kind => proto.OpType;

    /// <summary>The domain of the operator; empty for the standard's own, <see cref="Qonnx"/> for QONNX's under any of its names.</summary>
    public string Domain { get; } = Canonical(proto.Domain);

    /// <summary>The version of the operator's domain that the file imports; 0 where it does not say.</summary>
    public long Version => version;

    /// <summary>Names of the tensors read; empty where an optional one is left out.</summary>
    public IReadOnlyList<string> Inputs => proto.Input;

    public IReadOnlyList<string> Outputs => proto.Output;

    /// <summary>Names of all tensors read, those that graphs in its attributes, as an If has them, take from around it among them.</summary>
    public IReadOnlyCollection<string> Reads { get; } = ReadBy(proto);

    /// <summary>The node as it stands in the file.</summary>
    public NodeProto Proto => proto;

    public const string Qonnx = "qonnx";

    public static string Canonical(string domain) => domain is "ai.onnx" ? "" : QonnxDomains.Contains(domain) ? Qonnx : domain;

    public GraphProto? Graph(string attribute) => attributes.GetValueOrDefault(attribute)?.G;

    public bool Has(string attribute) => attributes.ContainsKey(attribute);

    public long Int(string attribute, long otherwise) => attributes.TryGetValue(attribute, out var found) ? found.I : otherwise;

    public bool Flag(string attribute, bool otherwise = false) => Int(attribute, otherwise ? 1 : 0) != 0;

    public double Float(string attribute, double otherwise) => attributes.TryGetValue(attribute, out var found) ? found.F : otherwise;

    public string Text(string attribute, string otherwise) =>
        attributes.TryGetValue(attribute, out var found) ? found.S.ToStringUtf8() : otherwise;

    public int[]? Ints(string attribute) =>
        attributes.TryGetValue(attribute, out var found)
            ? [.. found.Ints.Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue))]
            : null;

    public IReadOnlyList<float>? Floats(string attribute) => attributes.TryGetValue(attribute, out var found) ? found.Floats : null;

    static HashSet<string> ReadBy(NodeProto node)
    {
        HashSet<string> read = [.. node.Input];
        foreach (var graph in node.Attribute.Select(attribute => attribute.G).OfType<GraphProto>())
        {
            HashSet<string> own = [.. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name), .. graph.Node.SelectMany(inner => inner.Output)];
            read.UnionWith(graph.Node.SelectMany(ReadBy).Concat(graph.Output.Select(output => output.Name)).Where(name => !own.Contains(name)));
        }
        read.Remove("");
        return read;
    }

    public NdArray? Tensor(string attribute) =>
        attributes.TryGetValue(attribute, out var found) ? TensorReader.Read(found.T ?? new TensorProto()) : null;
}
