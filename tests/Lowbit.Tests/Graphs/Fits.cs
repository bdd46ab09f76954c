using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>What holds for every network that the quantize pass gives, whatever it was made of.</summary>
static class Fits
{
    /// <summary>Fails where a node would need real numbers in hardware of integers, or the twin has lost a layer of the float network.</summary>
    public static void Integers(Graph quantized, Graph original)
    {
        IntegerAnalysis bits = quantized.Integers;
        foreach (Node node in quantized.Nodes)
            switch (node)
            {
                case IWeighted layer:
                    Assert.NotNull(layer.WeightQuantizer);
                    Assert.True(bits.TypeOf(node.Inputs[0]) is { BitWidth: <= 8 }, $"{node.Name} takes {bits.BitWidthOf(node.Inputs[0])} bits");
                    break;
                case Add:
                    Assert.True(bits.TypeOf(node.Name) is not null, $"{node.Name} adds values of different scales");
                    break;
                case AveragePool pool:
                    Assert.True(bits.TypeOf(node.Name) is { BitWidth: <= 8 }, $"{node.Name} does not truncate integers");
                    Assert.True(pool.OutputBitWidth <= pool.SumBitWidth(bits.BitWidthOf(pool.From)), $"{node.Name} gives more bits than its sum has");
                    break;
                case Quantize { Quantizer: { Scale: ActivationScale.Learned, Signed: false } } quantize:
                    Assert.True(IsPositive(quantized[quantize.From]), $"{node.Name} cuts off negative values");
                    break;
            }
        Assert.Empty(original.Nodes.Where(node => node is not Relu).Select(node => node.Name).Except(quantized.Nodes.Select(node => node.Name)));
        Assert.Equal(original.ShapeOf(original.Output.Name), quantized.ShapeOf(quantized.Output.Name));

        bool IsPositive(Node node) => node is Relu || bits.TypeOf(node.Name) is { IsSigned: false };
    }
}
