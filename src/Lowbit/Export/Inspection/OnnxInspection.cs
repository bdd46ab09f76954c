using System.Collections.Immutable;
using Lowbit.Export.Interpretation;
using Lowbit.Graphs;

namespace Lowbit.Export.Inspection;

/// <summary>What an ONNX file (QONNX, QCDQ or float, written by Lowbit or others) holds and does.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Producer">The program that wrote it; empty where it does not say.</param>
/// <param name="Opset">The version of the standard operators.</param>
/// <param name="Format">QONNX, QCDQ or float.</param>
/// <param name="Input">Name and shape of the input, [N,C,H,W].</param>
/// <param name="Output">Name and shape of the output.</param>
/// <param name="Metadata">What the file says of itself.</param>
/// <param name="Summary">Parameters, multiplications, bits and bytes, node by node and in total, for one image.</param>
/// <param name="Quantizers">Every quantizer in the order of the graph, those of weights included.</param>
public sealed record OnnxInspection(
    string Path, long Bytes, string Producer, long Opset, string Format, string Input, string Output,
    IReadOnlyDictionary<string, string> Metadata, Summary Summary, ImmutableArray<QuantizerSummary> Quantizers)
{
    /// <summary>Reads a file. The sizes of its tensors are found by running it once, on a black image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageShape">The shape of one image, [C, H, W], where the file leaves it open.</param>
    /// <exception cref="LowbitException">The file is damaged, has a node that is not known, or leaves the size of its images open.</exception>
    public static OnnxInspection Of(string path, IReadOnlyList<int>? imageShape = null)
    {
        var model = OnnxModel.Read(path);
        var graph = FoldedGraph.Of(model);
        var bits = new TensorBits(model, graph);
        var image = NdArray.Zeros(InputShape(model, imageShape));
        var nodes = new List<NodeSummary>();
        var output = new Interpreter(model, graph).RunOnce(image, (node, known) =>
        {
            if (node.Outputs is [not "", ..]) nodes.Add(NodeCosts.Of(node, known, graph, bits));
        });
        return new(
            path, new FileInfo(path).Length, $"{model.Proto.ProducerName} {model.Proto.ProducerVersion}".Trim(), model.Opset,
            model.IsQonnx ? "QONNX" : model.Nodes.Any(node => node.Kind is "DequantizeLinear" or "QuantizeLinear") ? "QCDQ" : "float",
            $"{model.Input.Name} {NdArray.Text(image.Shape)}", $"{model.Output.Name} {NdArray.Text(output.Shape)}",
            model.Metadata, new([.. nodes]), [.. model.Nodes.Select(node => QuantizerSummary.Of(node, graph, bits)).OfType<QuantizerSummary>()]);
    }

    static int[] InputShape(OnnxModel model, IReadOnlyList<int>? imageShape)
    {
        int[] declared = [.. model.Input.Type?.TensorType?.Shape?.Dim.Select(dim => (int)Math.Clamp(dim.DimValue, 0, int.MaxValue)) ?? []];
        if (imageShape is null && (declared is [] || declared.Skip(1).Any(size => size == 0)))
            throw new LowbitException($"{model.Path} leaves the size of its images open; give it with --image-shape, as in --image-shape 3x32x32");
        return model.InputShape([1, .. imageShape ?? declared[1..]]);
    }
}
