using Google.Protobuf;
using Lowbit.Export.Reading;
using Onnx;

namespace Lowbit.Export;

/// <summary>
/// A file in the ONNX format, read and found to be one graph from images to logits whose nodes can be computed one after the other.
/// </summary>
sealed class OnnxModel
{
    const long OldestOpset = 7, NewestOpset = 25;

    readonly Dictionary<string, long> versions;

    OnnxModel(string path, ModelProto proto)
    {
        Path = path;
        Proto = proto;
        versions = proto.OpsetImport.Concat(proto.Functions.SelectMany(function => function.OpsetImport))
            .GroupBy(import => OnnxNode.Canonical(import.Domain))
            .ToDictionary(domain => domain.Key, domain => domain.Max(import => import.Version));
        if (Opset is < OldestOpset or > NewestOpset)
            throw new LowbitException($"it imports opset {Opset}; {OldestOpset} to {NewestOpset} are supported");
        Initializers = ReadInitializers(proto.Graph, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        Input = proto.Graph.Input.Where(input => !Initializers.ContainsKey(input.Name)).ToArray() is [var only]
            ? only
            : throw new LowbitException("it does not have exactly one input that is not an initializer");
        Outputs = proto.Graph.Output.Count > 0 ? proto.Graph.Output : throw new LowbitException("it has no output");
        var nodes = LocalFunctions.Inlined(proto);
        EvaluationMode.Check(nodes, proto.Graph);
        ForeignData.Check(proto);
        Nodes = NodesOf(nodes, name => name == Input.Name || Initializers.ContainsKey(name));
        var made = Nodes.SelectMany(node => node.Outputs).ToHashSet();
        if (Outputs.FirstOrDefault(output => !made.Contains(output.Name) && output.Name != Input.Name && !Initializers.ContainsKey(output.Name)) is { } missing)
            throw new LowbitException($"no node makes its output {missing.Name}");
    }

    public string Path { get; }

    public ModelProto Proto { get; }

    public ValueInfoProto Input { get; }

    public IReadOnlyList<ValueInfoProto> Outputs { get; }

    public IReadOnlyDictionary<string, StoredTensor> Initializers { get; }

    /// <summary>The nodes, each after all those that it reads from; those of the file's own functions stand in place of their calls.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>What the file says of itself beside its graph.</summary>
    public IReadOnlyDictionary<string, string> Metadata =>
        Proto.MetadataProps.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>Version of the standard operators; the newest where the file does not say.</summary>
    public long Opset => versions.GetValueOrDefault("", NewestOpset);

    /// <summary>Whether nodes of the domains of QONNX are in it, which ONNX Runtime does not know.</summary>
    public bool IsQonnx => Nodes.Any(node => node.Domain == OnnxNode.Qonnx);

    /// <summary>Whether the file takes any number of images at a time.</summary>
    public bool HasOpenBatch => InputSizes is not [> 0, ..];

    /// <summary>The sizes that the file gives its input, 0 where it leaves one open; null where it says nothing.</summary>
    public int[]? InputSizes => Input.Type?.TensorType?.Shape?.Dim.Select(dim => (int)Math.Clamp(dim.DimValue, 0, int.MaxValue)).ToArray();

    /// <summary>Whether a size of the input is said to be 0, so that it holds no image.</summary>
    public bool TakesNothing =>
        Input.Type?.TensorType?.Shape?.Dim.Any(dim => dim is { ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue, DimValue: 0 }) ?? false;

    /// <summary>The type of the input's elements.</summary>
    public ElementType InputType => Input.Type?.TensorType?.ElemType is { } type and not 0 ? (ElementType)type : ElementType.Float;

    /// <summary>Nodes of the graph or of one in an attribute, in the order in which they can be computed.</summary>
    public IReadOnlyList<OnnxNode> NodesOf(IEnumerable<NodeProto> nodes, Func<string, bool> isGiven) =>
        TopologicalOrder.Of([.. nodes.Select(node => new OnnxNode(node, VersionOf(node.Domain)))], isGiven);

    /// <summary>The version of a domain that is imported; 0 where the file does not say.</summary>
    public long VersionOf(string domain) => versions.GetValueOrDefault(OnnxNode.Canonical(domain));

    /// <summary>Reads a file whole.</summary>
    /// <exception cref="LowbitException">There is no such file, or it is damaged, with what is wrong in it.</exception>
    public static OnnxModel Read(string path)
    {
        try
        {
            var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
            return proto.Graph is { Node.Count: > 0 } ? new OnnxModel(path, proto) : throw new LowbitException("it holds no graph");
        }
        catch (InvalidProtocolBufferException)
        {
            throw new LowbitException($"{path} is not an ONNX file, or is damaged");
        }
        catch (IOException problem)
        {
            throw new LowbitException($"{path} cannot be read: {problem.Message}", problem);
        }
        catch (UnauthorizedAccessException)
        {
            throw new LowbitException($"{path} cannot be read: it is not a file, or not readable");
        }
        catch (LowbitException problem)
        {
            throw new LowbitException($"{path} cannot be used: {problem.Message}", problem);
        }
    }

    static Dictionary<string, StoredTensor> ReadInitializers(GraphProto graph, string folder)
    {
        var initializers = new Dictionary<string, StoredTensor>();
        foreach (var tensor in graph.Initializer)
        {
            try
            {
                initializers[tensor.Name] = new StoredTensor(tensor, folder);
            }
            catch (LowbitException problem)
            {
                throw new LowbitException($"initializer {tensor.Name}: {problem.Message}", problem);
            }
        }
        return initializers;
    }
}
