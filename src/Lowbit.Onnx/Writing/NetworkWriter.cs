using Lowbit.Export.Writing.Nodes;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Onnx;

namespace Lowbit.Export.Writing;

/// <summary>Writes a network as a graph of ONNX: a reader of Lowbit's graph and of the network's state.</summary>
static class NetworkWriter
{
    /// <summary>The versions of the file format that came with the standard operators' versions.</summary>
    const long OldIrVersion = 8, FourBitIrVersion = 10;

    public static ModelProto Write(Network network, ExportOptions options)
    {
        var graph = new GraphProto { Name = "lowbit" };
        var written = new WrittenNetwork(network, new(graph), ExportFormats.FormOf(network.Graph, options));
        foreach (Node node in network.Graph.Nodes) written[node.Name] = Write(written, node, options);

        graph.Node[^1].Output[0] = ExportOptions.OutputName;
        return Model(network, graph, written.Form.Imports, options);
    }

    /// <summary>A file of a graph whose nodes and constants are written, with its input, output, versions and metadata.</summary>
    public static ModelProto Model(Network network, GraphProto graph, IEnumerable<(string Domain, long Version)> imports, ExportOptions options)
    {
        graph.Input.Add(Value(ExportOptions.InputName, network.Graph.Input.Shape, options.Batch));
        graph.Output.Add(Value(ExportOptions.OutputName, network.Graph.ShapeOf(network.Graph.Output.Name), options.Batch));
        var model = new ModelProto
        {
            IrVersion = imports.First().Version >= QcdqForm.FourBitVersion ? FourBitIrVersion : OldIrVersion,
            ProducerName = "Lowbit",
            ProducerVersion = typeof(NetworkWriter).Assembly.GetName().Version!.ToString(3),
            Graph = graph,
        };
        model.OpsetImport.AddRange(imports.Select(import => new OperatorSetIdProto { Domain = import.Domain, Version = import.Version }));
        model.MetadataProps.AddRange(ModelMetadata.Of(network, options));
        return model;
    }

    /// <summary>Writes a node, and gives the name of the tensor that is its value.</summary>
    static string Write(WrittenNetwork network, Node node, ExportOptions options) => node switch
    {
        Input => ExportOptions.InputName,
        Normalize normalize when options.Input == ExportInput.Normalized => network[normalize.From],
        Normalize normalize => NormalizeWriter.Write(network, normalize),
        Conv conv => ConvWriter.Write(network, conv),
        Linear linear => LinearWriter.Write(network, linear),
        BatchNorm norm => BatchNormWriter.Write(network, norm),
        TensorNorm norm => TensorNormWriter.Write(network, norm),
        Quantize quantize => network.Form.Activation(network, quantize),
        Relu relu => network.File.Node("Relu", relu.Name, [network[relu.From]]),
        LeakyRelu leaky => network.File.Node("LeakyRelu", leaky.Name, [network[leaky.From]], [("alpha", leaky.Slope)]),
        Add add => network.File.Node("Add", add.Name, [network[add.Left], network[add.Right]]),
        Flatten flatten => network.File.Node("Flatten", flatten.Name, [network[flatten.From]], [("axis", 1)]),
        MaxPool pool => MaxPoolWriter.Write(network, pool),
        AveragePool { OutputBitWidth: not null } pool => network.Form.TruncatedMean(network, pool),
        AveragePool pool => AveragePoolWriter.Write(network, pool, pool.Name),
        _ => throw new LowbitException($"{node.Name} cannot be exported: ONNX files have no nodes of the kind {node.Kind}"),
    };

    static ValueInfoProto Value(string name, Shape shape, int? batch)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float, Shape = new() };
        type.Shape.Dim.Add(batch is { } size ? new TensorShapeProto.Types.Dimension { DimValue = size } : new() { DimParam = "batch" });
        type.Shape.Dim.AddRange(shape.Dimensions.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new() { Name = name, Type = new() { TensorType = type } };
    }
}
