using Lowbit.Export;
using Lowbit.Export.Interpretation;
using Onnx;
using Xunit;

namespace Lowbit.Tests.Export;

public class InterpreterTests
{
    static readonly NdArray ThreeImages = new([3, 2], [1, 2, 3, 4, 5, 6]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Runs_any_number_of_images_whatever_the_batch_of_the_file(long batch)
    {
        using var file = new OnnxFile([batch, 2]);
        file.Constant("b", [], 10).Node("Add", "x b");
        Assert.Equal([11, 12, 13, 14, 15, 16], Run(file, ThreeImages).Data);
    }

    [Fact]
    public void A_file_without_opset_imports_is_run()
    {
        using var file = new OnnxFile([1, 2]);
        file.Constant("s", [], 1).Constant("z", [], 0).Constant("b", [], 2).Node("Quant", "x s z b", domain: "qonnx.custom_op.general");
        file.Model.OpsetImport.Clear();
        Assert.Equal([1, 1, 1, 1, 1, 1], Run(file, ThreeImages).Data);
    }

    [Fact]
    public void Nodes_in_any_order_are_run()
    {
        using var file = new OnnxFile([1, 2]);
        file.Node("Add", "later later", "y").Node("Neg", "x", "later");
        file.Model.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        Assert.Equal([-2, -4, -6, -8, -10, -12], Run(file, ThreeImages).Data);
    }

    [Fact]
    public void Initializers_that_are_listed_as_inputs_are_not_the_image()
    {
        using var file = new OnnxFile([1, 2]);
        file.Constant("b", [], 10).Node("Add", "x b");
        file.Model.Graph.Input.Insert(0, new ValueInfoProto { Name = "b" });
        Assert.Equal([11, 12], Run(file, new NdArray([1, 2], [1, 2])).Data);
    }

    [Fact]
    public void Images_are_flattened_for_a_file_that_takes_vectors()
    {
        using var file = new OnnxFile([1, 4]);
        file.Node("Neg", "x");
        Assert.Equal([-1, -2, -3, -4], Run(file, new NdArray([1, 1, 2, 2], [1, 2, 3, 4])).Data);
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        using var file = new OnnxFile([1, 3]);
        file.Node("Neg", "x");
        Assert.EndsWith("takes images of shape [3], not [2]", Assert.Throws<LowbitException>(() => Run(file, ThreeImages)).Message);
    }

    [Fact]
    public void An_unknown_operator_is_named_with_its_node()
    {
        using var file = new OnnxFile([1, 2]);
        file.Node("Convolve", "x", domain: "com.example");
        var problem = Assert.Throws<LowbitException>(() => Run(file, ThreeImages));
        Assert.EndsWith("node node0 (Convolve): its operator com.example.Convolve is not supported", problem.Message);
    }

    static NdArray Run(OnnxFile file, NdArray images) => new Interpreter(OnnxModel.Read(file.Save())).Run(images);
}
