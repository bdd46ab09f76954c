using Lowbit.Export.Inspection;
using Lowbit.Tests.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export.Inspection;

public class OnnxInspectionTests
{
    public static IEnumerable<TheoryDataRow<string>> Files => Names.Select(name => new TheoryDataRow<string>(name));

    /// <summary>Those whose network is also there as a graph.</summary>
    static IEnumerable<string> Names => GoldenFiles.Names("*.onnx").Where(name => BrevitasModels.Names.Contains(name.Split('.')[0]));

    /// <summary>The file is Brevitas's, the figures it is compared with come from Lowbit's graph of the same network.</summary>
    [Theory, MemberData(nameof(Files))]
    public void A_file_of_Brevitas_has_the_weights_multiplications_and_bits_of_the_network(string name)
    {
        using var scope = NewDisposeScope();
        var (network, _, _) = ReferenceNetwork.Read(name.Split('.')[0]);
        var expected = Lowbit.Graphs.Summary.Of(network.Graph);
        network.Dispose();

        var file = OnnxInspection.Of(GoldenFiles.PathOf(name));

        Assert.Equal(name.Contains("qcdq", StringComparison.Ordinal) ? "QCDQ" : "QONNX", file.Format);
        Assert.Equal(expected.Macs, file.Summary.Macs);
        Assert.Equal(expected.BitOperations, file.Summary.BitOperations);
        Assert.Equal(Layers(expected), Layers(file.Summary));
        Assert.All(file.Quantizers, quantizer => Assert.True(0 < quantizer.SmallestScale && quantizer.SmallestScale <= quantizer.LargestScale));
    }

    [Fact]
    public void A_perceptron_is_counted_by_hand()
    {
        using var file = new OnnxFile([0, 6]);
        file.Constant("w1", [4, 6], new float[24]).Constant("b1", [4], new float[4]).Constant("w2", [4, 3], new float[12])
            .Constant("s", [], 0.5f).Constant("z", [], 0).Constant("bits", [], 3)
            .Node("Quant", "w1 s z bits", "q1", "qonnx.custom_op.general", ("signed", 1), ("narrow", 1))
            .Node("Gemm", "x q1 b1", attributes: ("transB", 1)).Node("Relu", "t1")
            .Node("Quant", "t2 s z bits", "q2", "qonnx.custom_op.general", ("signed", 0), ("narrow", 0))
            .Node("BipolarQuant", "w2 s", "q3", "qonnx.custom_op.general").Node("MatMul", "q2 q3");

        var read = OnnxInspection.Of(file.Save());

        Assert.Equal([("Gemm", 28L, 24L, 3, 32), ("MatMul", 12L, 12L, 1, 3)], read.Summary.Nodes.Where(node => node.WeightBitWidth is not null)
            .Select(node => (node.Kind, node.Cost.Parameters, node.Cost.Macs, node.WeightBitWidth!.Value, node.InputBitWidth!.Value)));
        Assert.Equal(24 * 3 * 32 + 12 * 3, read.Summary.BitOperations);
        Assert.Equal(4 * 40, read.Summary.FloatBytes);
        Assert.Equal(9 + 16 + 2, read.Summary.PackedBytes);
        Assert.Equal([("q1", true, 3, "signed narrow", 0.5), ("q2", false, 3, "unsigned", 0.5), ("q3", true, 1, "-1, +1", 0.5)],
            read.Quantizers.Select(q => (q.Tensor, q.IsConstant, q.BitWidth, q.Range, q.LargestScale)));
    }

    [Fact]
    public void Multiplications_are_those_of_one_image_whatever_the_batch()
    {
        using var file = new OnnxFile([5, 2, 4, 4]);
        file.Constant("w", [3, 2, 3, 3], new float[54]).Node("Conv", "x w");
        Assert.Equal(54 * 4, OnnxInspection.Of(file.Save()).Summary.Macs);
    }

    [Fact]
    public void Images_of_open_size_are_given_a_size()
    {
        using var file = new OnnxFile([0, 2, 0, 0]);
        file.Node("GlobalAveragePool", "x");
        file.Save();
        Assert.Contains("--image-shape", Assert.Throws<LowbitException>(() => OnnxInspection.Of(file.Path)).Message);
        Assert.Equal("x [1,2,5,7]", OnnxInspection.Of(file.Path, [2, 5, 7]).Input);
    }

    static IEnumerable<(long Weights, long Macs, int? Bits)> Layers(Lowbit.Graphs.Summary summary) =>
        summary.Nodes.Where(node => node.WeightBitWidth is not null).Select(node => (node.Cost.Weights, node.Cost.Macs, node.WeightBitWidth)).Order();
}
