using System.Collections.Immutable;
using Lowbit.Export.Analysis;
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
    /// <summary>Bit widths that are no whole numbers, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    /// <summary>Reads a file. It is not run: the sizes of its tensors are found from those of its input.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageShape">The shape of one image, [C, H, W], where the file leaves it open.</param>
    /// <param name="budget">What running it would be allowed to take, the default one where nothing is given.</param>
    /// <exception cref="LowbitException">The file is damaged, has a node that is not known, needs more than the budget, or leaves the size of its images open.</exception>
    public static OnnxInspection Of(string path, IReadOnlyList<int>? imageShape = null, OnnxBudget? budget = null)
    {
        var model = OnnxModel.Read(path);
        int[] input = InputShape(model, imageShape);
        var graph = GraphFacts.Of(model, input, new FactBudget(budget ?? OnnxBudget.Default, input[0], mustKnow: false));
        var bits = new TensorBits(model, graph);
        return new(
            path, FileSize.Of(path), $"{model.Proto.ProducerName} {model.Proto.ProducerVersion}".Trim(), model.Opset,
            model.IsQonnx ? "QONNX" : graph.Nodes.Any(node => IsQuantized(node.Node.Kind)) ? "QCDQ" : "float",
            $"{model.Input.Name} {NdArray.Text(input)}", string.Join(", ", model.Outputs.Select(output => $"{output.Name} {Text(graph[output.Name].Shape)}")),
            model.Metadata,
            new([.. graph.Nodes.Where(node => node.Node.Outputs is [not "", ..] && !node.Outputs[0].IsConstant).Select(node => NodeCosts.Of(node, bits))]),
            [.. graph.Nodes.Select(node => QuantizerSummary.Of(node, bits)).OfType<QuantizerSummary>()])
        {
            Notices = FractionalBits.In(model),
        };
    }

    /// <summary>Whether an operator computes in integers, or comes to or from them.</summary>
    static bool IsQuantized(string kind) => kind is "DequantizeLinear" or "QuantizeLinear" or "DynamicQuantizeLinear" or "ConvInteger" or "MatMulInteger"
        || kind.StartsWith("QLinear", StringComparison.Ordinal);

    static string Text(int[]? shape) => shape is null ? "of a shape that depends on the image" : NdArray.Text(shape);

    static int[] InputShape(OnnxModel model, IReadOnlyList<int>? imageShape)
    {
        int[]? declared = model.InputSizes;
        if (imageShape is not null) return InputLayout.Of(model, [1, .. imageShape]).Shape;
        if (model.TakesNothing) throw new LowbitException($"{model.Path} cannot be run: its input {model.Input.Name} has a dimension of 0");
        if (declared is null or [] || declared.Skip(1).Any(size => size == 0))
            throw new LowbitException($"{model.Path} leaves the size of its images open; give it with --image-shape, as in --image-shape 3x32x32");
        return [Math.Max(1, declared[0]), .. declared[1..]];
    }
}
