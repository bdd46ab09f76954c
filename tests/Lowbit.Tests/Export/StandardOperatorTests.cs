using Lowbit.Export;
using Lowbit.Export.Interpretation;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>Every standard operator of the interpreter beside ONNX Runtime, on random values.</summary>
public class StandardOperatorTests
{
    public static TheoryData<string> Names => [.. StandardOperatorCases.Names];

    [Theory, MemberData(nameof(Names))]
    public void Computes_what_ONNX_Runtime_computes(string name)
    {
        using var file = StandardOperatorCases.Make(name);
        var model = OnnxModel.Read(file.Save());
        int[] shape = [.. model.Input.Type.TensorType.Shape.Dim.Select(dim => (int)dim.DimValue)];
        var x = new NdArray(shape, [.. StandardOperatorCases.Random(NdArray.CountOf(shape)).Select(value => (double)value)]);

        using var runtime = new OnnxRuntimeEngine(model, optimize: false);
        var expected = runtime.Run(x);
        var actual = new Interpreter(model).Run(x);

        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected.Data[i], actual.Data[i], 1e-5 * Math.Max(1, Math.Abs(expected.Data[i])));
    }

    [Fact]
    public void Every_standard_operator_of_the_table_is_compared()
    {
        var covered = StandardOperatorCases.Names.SelectMany(name => StandardOperatorCases.Make(name).Model.Graph.Node);
        Assert.Empty(OperatorTable.StandardNames.Except(covered.Select(node => node.OpType)));
    }
}
