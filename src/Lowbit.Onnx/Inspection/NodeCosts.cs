using Lowbit.Export.Analysis;
using Lowbit.Graphs;

namespace Lowbit.Export.Inspection;

/// <summary>What a node of a file holds and does.</summary>
static class NodeCosts
{
    /// <summary>
    /// The node's line in the summary. Parameters are the values that it has learned: weights and biases, not the quantizers' scales, nor
    /// the means and variances of batch normalization. What depends on a shape that is not known counts as none.
    /// </summary>
    public static NodeSummary Of(NodeFacts facts, TensorBits bits)
    {
        var (node, output) = (facts.Node, facts.Outputs[0]);
        int weights = NodeWork.Factors(node) is var (_, right) && (node.Kind is not ("MatMul" or "FusedMatMul") || IsConstant(right) || !IsConstant(0)) ? right : NodeWork.Factors(node) is null ? -1 : 0;
        int[] others = node.Kind switch
        {
            "Conv" or "ConvTranspose" or "Gemm" => [2],
            "QLinearConv" => [8],
            "BatchNormalization" or "LayerNormalization" or "InstanceNormalization" => [1, 2],
            "PRelu" => [1],
            "Add" => [0, 1],
            _ => [],
        };
        int[] learned = [.. others.Where(IsConstant)];
        double products = NodeWork.Products(node, facts.Inputs, facts.Outputs) ?? 0;
        var cost = new NodeCost(
            weights >= 0 && IsConstant(weights) ? Count(weights) : 0, learned.Sum(Count),
            (long)Math.Min(products / Math.Max(1, output.Shape is [var batch, ..] ? batch : 1), long.MaxValue / 2));
        return new(
            node.Proto.Name is "" ? node.Outputs[0] : node.Name, node.Kind, ShapeOf(output.Shape), cost,
            weights < 0 ? null : bits.Of(node.Inputs[weights]),
            node.Inputs.Where((input, i) => input is not "" && i != weights && !IsConstant(i)).Select(bits.Of).DefaultIfEmpty(32).Max(),
            learned.Select(input => bits.Of(node.Inputs[input])).DefaultIfEmpty(32).Max());

        bool IsConstant(int input) => facts.Inputs.ElementAtOrDefault(input) is { IsConstant: true };

        long Count(int input) => (long)(facts.Inputs[input]!.Elements ?? 0);
    }

    static Graphs.Shape ShapeOf(int[]? shape) => shape switch
    {
        null => Graphs.Shape.Flat(0),
        [_, var channels, var height, var width] => new(channels, height, width),
        [_, var channels, var length] => new(channels, 1, length),
        [_, .. var rest] => Graphs.Shape.Flat((int)Math.Min(rest.Aggregate(1L, (product, size) => product * size), int.MaxValue)),
        [] => Graphs.Shape.Flat(1),
    };
}
