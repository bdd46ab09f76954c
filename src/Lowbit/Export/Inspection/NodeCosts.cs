using Lowbit.Export.Interpretation;
using Lowbit.Graphs;

namespace Lowbit.Export.Inspection;

/// <summary>What a node of a file holds and does.</summary>
static class NodeCosts
{
    /// <summary>
    /// The node's line in the summary. Parameters are the values that it has learned: weights and biases, not the quantizers' scales, nor
    /// the means and variances of batch normalization.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="known">Its inputs and outputs.</param>
    /// <param name="graph">Tells constants apart.</param>
    /// <param name="bits">The tensors' bits.</param>
    public static NodeSummary Of(OnnxNode node, IReadOnlyDictionary<string, NdArray> known, FoldedGraph graph, TensorBits bits)
    {
        var output = known[node.Outputs[0]];
        string[] given = [.. node.Inputs.Where(input => input is not "")];
        int weights = node.Kind switch { "Conv" or "Gemm" => 1, "MatMul" => IsConstant(0) ? 0 : 1, _ => -1 };
        int[] others = node.Kind switch
        {
            "Conv" or "Gemm" => [2],
            "BatchNormalization" => [1, 2],
            "PRelu" => [1],
            "Add" => [0, 1],
            _ => [],
        };
        int[] learned = [.. others.Where(IsConstant)];
        var cost = new NodeCost(
            weights >= 0 && IsConstant(weights) ? known[node.Inputs[weights]].Count : 0,
            learned.Sum(input => (long)known[node.Inputs[input]].Count),
            weights < 0 ? 0 : Products() / Math.Max(1, output.Rank > 0 ? output.Shape[0] : 1));
        return new(
            node.Name, node.Kind, ShapeOf(output), cost,
            weights < 0 ? null : bits.Of(node.Inputs[weights]),
            given.Where((input, i) => i != weights && !graph.Constants.ContainsKey(input)).Select(bits.Of).DefaultIfEmpty(32).Max(),
            learned.Select(input => bits.Of(node.Inputs[input])).DefaultIfEmpty(32).Max());

        bool IsConstant(int input) => graph.Constants.ContainsKey(node.Inputs.ElementAtOrDefault(input) ?? "");

        // Each output value is a sum of as many products as the kernel, or a row of the left matrix, is long.
        long Products() => (long)output.Count * (node.Kind switch
        {
            "Conv" => NdArray.CountOf(known[node.Inputs[1]].Shape.AsSpan(1)),
            "Gemm" => known[node.Inputs[0]].Shape[node.Flag("transA") ? 0 : 1],
            _ => known[node.Inputs[0]].Shape[^1],
        });
    }

    static Graphs.Shape ShapeOf(NdArray array) => array.Shape switch
    {
        [_, var channels, var height, var width] => new(channels, height, width),
        [_, var channels, var length] => new(channels, 1, length),
        [_, .. var rest] => Graphs.Shape.Flat(NdArray.CountOf(rest)),
        [] => Graphs.Shape.Flat(1),
    };
}
