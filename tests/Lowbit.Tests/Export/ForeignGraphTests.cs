using Lowbit.Export;
using Lowbit.Export.Inspection;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>What ONNX Runtime runs is inspected, too; and what the interpreter knows of it gives the same.</summary>
public class ForeignGraphTests
{
    public static TheoryData<string> Names => [.. ForeignGraphs.Names];

    [Theory, MemberData(nameof(Names))]
    public void What_is_evaluated_is_inspected(string name)
    {
        using var scope = NewDisposeScope();
        using var file = ForeignGraphs.Make(name);
        using var network = OnnxNetwork.Load(file.Path);
        Assert.Equal([5, 3], network.Run(rand(5, 2, 6, 6)).shape);
        var inspection = OnnxInspection.Of(file.Path);
        Assert.EndsWith("[1,3]", inspection.Output);
        Assert.True(inspection.Summary.Macs > 0);
    }

    [Theory]
    [InlineData("QLinearConv", 54, 54 * 16, 6, 8, "QCDQ")]
    [InlineData("QLinearMatMul", 216, 216, 3, 8, "QCDQ")]
    [InlineData("dynamic quantization", 54, 54 * 16, 6, 8, "QCDQ")]
    [InlineData("blocked scales", 216, 216, 3, 32, "QCDQ")]
    [InlineData("local functions", 54, 54 * 16, 32, 32, "float")]
    [InlineData("If", 54, 54 * 16, 32, 32, "float")]
    public void Weights_products_and_bits_are_counted(string name, long weights, long products, int weightBits, int inputBits, string format)
    {
        using var file = ForeignGraphs.Make(name);
        var inspection = OnnxInspection.Of(file.Path);
        var layer = Assert.Single(inspection.Summary.Nodes, node => node.Cost.Macs > 0);
        Assert.Equal((weights, products, weightBits, inputBits, format),
            (layer.Cost.Weights, layer.Cost.Macs, layer.WeightBitWidth, layer.InputBitWidth, inspection.Format));
    }

    [Fact]
    public void Functions_of_a_file_are_run_by_the_interpreter_too()
    {
        using var scope = NewDisposeScope();
        using var file = ForeignGraphs.Make("local functions");
        file.Model.Graph.Initializer[0].FloatData.Clear();
        file.Model.Graph.Initializer[0].FloatData.AddRange(Enumerable.Range(0, 54).Select(i => i / 54f - 0.5f));
        file.Save();
        Tensor images = rand(3, 2, 6, 6);
        using OnnxNetwork ours = OnnxNetwork.Load(file.Path, OnnxEngine.Interpreter), theirs = OnnxNetwork.Load(file.Path, OnnxEngine.OnnxRuntimePlain);
        Assert.True(ours.Run(images).allclose(theirs.Run(images), 1e-5, 1e-5));
    }

    [Fact]
    public void Functions_that_call_themselves_are_refused()
    {
        using var file = ForeignGraphs.Make("local functions");
        file.Model.Functions[1].Node[0].OpType = "Act";
        file.Model.Functions[1].Node[0].Domain = "local";
        file.Save();
        Assert.Contains("call themselves", Assert.ThrowsAny<LowbitException>(() => OnnxInspection.Of(file.Path)).Message);
    }

    [Fact]
    public void Functions_that_double_each_other_are_refused_soon()
    {
        using var file = ForeignGraphs.Make("local functions");
        for (int i = 0; i < 30; i++)
        {
            var twice = file.Model.Functions[1].Clone();
            twice.Name = $"F{i}";
            twice.Node.Add(twice.Node[0].Clone());
            twice.Node[1].Output[0] = "unused";
            if (i > 0) foreach (var node in twice.Node) (node.OpType, node.Domain) = ($"F{i - 1}", "local");
            file.Model.Functions.Add(twice);
        }
        file.Model.Functions[0].Node[1].OpType = "F29";
        file.Save();
        Assert.Contains("call themselves", Assert.ThrowsAny<LowbitException>(() => OnnxInspection.Of(file.Path)).Message);
    }
}
