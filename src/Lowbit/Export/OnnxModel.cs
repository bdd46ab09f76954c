using Google.Protobuf;
using Lowbit.Export.Interpretation;
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
        versions = proto.OpsetImport
            .GroupBy(import => OnnxNode.Canonical(import.Domain))
            .ToDictionary(domain => domain.Key, domain => domain.Max(import => import.Version));
        if (Opset is < OldestOpset or > NewestOpset)
            throw new LowbitException($"it imports opset {Opset}; {OldestOpset} to {NewestOpset} are supported");
        Initializers = ReadInitializers(proto.Graph);
        Input = proto.Graph.Input.Where(input => !Initializers.ContainsKey(input.Name)).ToArray() is [var only]
            ? only
            : throw new LowbitException("it does not have exactly one input that is not an initializer");
        Output = proto.Graph.Output.FirstOrDefault() ?? throw new LowbitException("it has no output");
        Nodes = ComputingOrder.Of(
            [.. proto.Graph.Node.Select(node => new OnnxNode(node, versions.GetValueOrDefault(OnnxNode.Canonical(node.Domain))))],
            isGiven: name => name == Input.Name || Initializers.ContainsKey(name));
    }

    public string Path { get; }

    public ModelProto Proto { get; }

    public ValueInfoProto Input { get; }

    public ValueInfoProto Output { get; }

    public IReadOnlyDictionary<string, NdArray> Initializers { get; }

    /// <summary>The nodes, each after all those that it reads from.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>What the file says of itself beside its graph.</summary>
    public IReadOnlyDictionary<string, string> Metadata =>
        Proto.MetadataProps.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>Version of the standard operators; the newest where the file does not say.</summary>
    public long Opset => versions.GetValueOrDefault("", NewestOpset);

    /// <summary>Whether nodes of the domains of QONNX are in it, which ONNX Runtime does not know.</summary>
    public bool IsQonnx => Nodes.Any(node => node.Domain == OnnxNode.Qonnx);

    /// <summary>Whether the file takes any number of images at a time.</summary>
    public bool HasOpenBatch => Input.Type?.TensorType?.Shape?.Dim.FirstOrDefault() is not { DimValue: > 0 };

    /// <summary>
    /// The shape in which the file takes images like these: its own, images one at a time where the batch is not fixed, and the images'
    /// sizes where its own are not.
    /// </summary>
    /// <exception cref="LowbitException">The file takes images of another size.</exception>
    public int[] InputShape(int[] images)
    {
        var sizes = Input.Type?.TensorType?.Shape?.Dim.Select(dim => (int)Math.Clamp(dim.DimValue, 0, int.MaxValue));
        int[] declared = [.. sizes ?? images.Select((size, axis) => axis == 0 ? 0 : size)];
        if (declared.Length == 0)
            throw new LowbitException($"{Path} cannot be run: its input {Input.Name} is a single number");
        int[] shape = declared.Length == images.Length
            ? [.. declared.Select((size, axis) => axis == 0 ? Math.Max(1, size) : size == 0 ? images[axis] : size)]
            : [.. declared.Select((size, axis) => axis == 0 ? Math.Max(1, size) : size)];
        if (Elements(shape) != Elements(images))
            throw new LowbitException($"{Path} takes images of shape {NdArray.Text(shape.AsSpan(1))}, not {NdArray.Text(images.AsSpan(1))}");
        return Elements(shape) * shape[0] <= NdArray.MaximumCount
            ? shape
            : throw new LowbitException($"{Path} cannot be run: its input of shape {NdArray.Text(shape)} is too large");

        static System.Numerics.BigInteger Elements(int[] batch) =>
            batch.Skip(1).Aggregate(System.Numerics.BigInteger.One, (product, size) => product * size);
    }

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

    static Dictionary<string, NdArray> ReadInitializers(GraphProto graph)
    {
        var initializers = new Dictionary<string, NdArray>();
        foreach (var tensor in graph.Initializer)
        {
            try
            {
                initializers[tensor.Name] = TensorReader.Read(tensor);
            }
            catch (LowbitException problem)
            {
                throw new LowbitException($"initializer {tensor.Name}: {problem.Message}", problem);
            }
        }
        return initializers;
    }
}
