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
        AssertLikeOnnxRuntime(file);
    }

    static void AssertLikeOnnxRuntime(OnnxFile file)
    {
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

    /// <summary>Operators whose form is the same in all opsets, though what they compute, as of Softmax, may not be.</summary>
    static readonly string[] InAllOpsets =
    [
        "Conv", "Conv with bias and asymmetric pads", "Conv in groups", "Conv SAME_UPPER", "Gemm transposed, scaled and with bias",
        "Gemm with both transposed", "MatMul", "MatMul in batches", "Add stretched", "Sub stretched on the left", "Mul", "Div by a scalar",
        "MaxPool", "MaxPool with pads", "AveragePool", "AveragePool without padding", "AveragePool with padding", "AveragePool SAME_UPPER",
        "GlobalAveragePool", "BatchNormalization", "BatchNormalization of vectors", "Softmax", "LogSoftmax", "Concat", "Transpose", "Reshape",
        "Flatten", "Constant", "Relu", "Sigmoid",
    ];

    public static TheoryData<string, long> InOpsets =>
        [.. InAllOpsets.SelectMany(name => new long[] { 9, 11, 12, 13, 15, 17, 19, 21 }.Select(opset => (name, opset)))];

    [Theory, MemberData(nameof(InOpsets))]
    public void Computes_what_ONNX_Runtime_computes_in_every_opset(string name, long opset)
    {
        using var file = StandardOperatorCases.Make(name);
        file.Model.OpsetImport[0].Version = opset;
        AssertLikeOnnxRuntime(file);
    }

    [Fact]
    public void Every_standard_operator_of_the_table_is_compared()
    {
        var covered = StandardOperatorCases.Names.SelectMany(name => StandardOperatorCases.Make(name).Model.Graph.Node);
        Assert.Empty(OperatorTable.StandardNames.Except(covered.Select(node => node.OpType)));
    }
}
