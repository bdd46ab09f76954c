using Google.Protobuf;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Inspection;
using Lowbit.Training;
using Onnx;
using Xunit;
using static TorchSharp.torch;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>What files of others mean: types, outputs, bit widths, functions.</summary>
public sealed class ForeignFileTests : WithForeignFiles
{
    public static TheoryData<int, OnnxEngine> InputTypes =>
        [.. new[] { ElementType.Uint8, ElementType.Float16, ElementType.Double, ElementType.Int32, ElementType.Int8 }.SelectMany(type => Engines.Select(engine => ((int)type, engine)))];

    [Theory, MemberData(nameof(InputTypes))]
    public void An_input_of_another_type_is_converted_to(int type, OnnxEngine engine)
    {
        using var file = new OnnxFile([0, 3]);
        file.Model.Graph.Input[0].Type.TensorType.ElemType = type;
        file.AsFloat("x").Constant("k", [], 2).Node("Mul", "t0 k").Save();
        Assert.Equal([2, 4, 200], Run(file, engine, tensor(new float[,] { { 1, 2, 100 } })));
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Values_that_are_no_pixels_are_not_cut_to_integers(OnnxEngine engine)
    {
        using var file = new OnnxFile([0, 2]);
        file.Model.Graph.Input[0].Type.TensorType.ElemType = (int)ElementType.Uint8;
        file.AsFloat("x").Save();
        Assert.Contains("--input pixels", Refusal(() => Run(file, engine, tensor(new[,] { { 0.5f, 1 } }))));
        Assert.Contains("--input pixels", Refusal(() => Run(file, engine, tensor(new[,] { { -1f, 1 } }))));
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Truth_values_and_texts_are_no_pixels(OnnxEngine engine)
    {
        foreach (ElementType type in new[] { ElementType.Bool, ElementType.String, ElementType.Complex64 })
        {
            using var file = new OnnxFile([0, 2]);
            file.Model.Graph.Input[0].Type.TensorType.ElemType = (int)type;
            file.AsFloat("x").Save();
            Assert.Contains($"of type {type}", Refusal(() => Run(file, engine, tensor(new[,] { { 0f, 1 } }))));
        }
    }

    [Fact]
    public void What_does_not_fit_a_type_is_told_with_its_range()
    {
        using var file = new OnnxFile([0, 2]);
        file.Model.Graph.Input[0].Type.TensorType.ElemType = (int)ElementType.Int8;
        file.AsFloat("x").Save();
        Assert.Contains("Int8, -128 to 127, and a value of these images is 255", Refusal(() => Run(file, OnnxEngine.Interpreter, tensor(new[,] { { 1f, 255 } }))));
    }

    public static TheoryData<int, OnnxEngine> OutputTypes =>
        [.. new[] { ElementType.Int64, ElementType.Float16, ElementType.Double, ElementType.Uint8, ElementType.Bool }.SelectMany(type => Engines.Select(engine => ((int)type, engine)))];

    [Theory, MemberData(nameof(OutputTypes))]
    public void An_output_of_another_type_is_converted(int type, OnnxEngine engine)
    {
        using var file = new OnnxFile([0, 2]);
        file.Node("Cast", "x", "y", "", ("to", type)).Model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = Typed((ElementType)type) });
        file.Save();
        Assert.Equal([1, 0], Run(file, engine, tensor(new float[,] { { 1, 0 } })));
    }

    [Fact]
    public void Text_is_no_logits()
    {
        using var file = new OnnxFile([0, 2]);
        file.Node("Cast", "x", "y", "", ("to", (int)ElementType.String)).Model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = Typed(ElementType.String) });
        file.Save();
        Assert.DoesNotContain("\n", Refusal(() => Run(file, OnnxEngine.OnnxRuntime, ones(1, 2))));
    }

    [Theory]
    [InlineData((int)ElementType.Float16, 16)]
    [InlineData((int)ElementType.Bfloat16, 16)]
    [InlineData((int)ElementType.Double, 64)]
    public void Weights_have_the_bits_of_their_type(int type, int bits)
    {
        using var file = new OnnxFile([1, 2]);
        var weights = new TensorProto { Name = "w", DataType = type, RawData = ByteString.CopyFrom(new byte[2 * 3 * bits / 8]) };
        weights.Dims.AddRange([2, 3]);
        file.Model.Graph.Initializer.Add(weights);
        file.Node("Cast", "w", "f", "", ("to", (int)ElementType.Float)).Node("MatMul", "x w", "y");
        file.Model.Graph.Input[0].Type.TensorType.ElemType = type;
        file.Model.Graph.Node.RemoveAt(0);
        Assert.Equal(bits, OnnxInspection.Of(file.Save()).Summary.Nodes.Single(node => node.Kind == "MatMul").WeightBitWidth);
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Of_several_outputs_that_of_as_many_values_as_classes_is_taken(OnnxEngine engine)
    {
        using var file = FeaturesFirst();
        Assert.Equal(1.0, Evaluate(file.Path, new() { Engine = engine }).Score.Top1);
        Assert.Contains("2 outputs, f [1,4], y [1,2]", Refusal(() => Run(file, engine, ones(1, 4))));
        Assert.Contains("gives 4 values", Refusal(() => Evaluate(file.Path, new() { Engine = engine, Output = "f" })));
        Assert.Contains("it has f, y", Refusal(() => Evaluate(file.Path, new() { Engine = engine, Output = "g" })));
        Assert.Equal(1.0, Evaluate(file.Path, new() { Engine = engine, Output = "y" }).Score.Top1);
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Features_are_not_taken_for_classes(OnnxEngine engine)
    {
        using var file = new OnnxFile([0, 4]);
        file.Node("Neg", "x").Save();
        Assert.Contains("gives 4 values for each image; two has 2 classes", Refusal(() => Evaluate(file.Path, new() { Engine = engine })));
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Dropout_in_training_mode_is_refused_and_without_it_runs(OnnxEngine engine)
    {
        foreach (bool asNode in new[] { false, true })
            foreach (bool training in new[] { true, false })
            {
                using var file = new OnnxFile([0, 2], opset: 17);
                var flag = new TensorProto { Name = "mode", DataType = (int)ElementType.Bool };
                flag.Int32Data.Add(training ? 1 : 0);
                if (asNode) file.Node("Constant", "", "mode", "", ("value", flag));
                else file.Model.Graph.Initializer.Add(flag);
                file.Constant("ratio", [], 0.5f).Node("Dropout", "x ratio mode", "y").Save();
                if (training) Assert.Contains("training mode", Refusal(() => Run(file, engine, ones(1, 2))));
                else Assert.Equal([1, 1], Run(file, engine, ones(1, 2)));
            }
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Random_numbers_are_refused(OnnxEngine engine)
    {
        using var file = new OnnxFile([0, 2]);
        file.Node("RandomNormalLike", "x", "r").Node("Add", "x r", "y").Save();
        Assert.Contains("random", Refusal(() => Run(file, engine, ones(1, 2))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_dimension_of_0_is_told(int axis)
    {
        foreach (var engine in Engines)
        {
            using var file = new OnnxFile([1, 1, 2, 2]);
            file.Model.Graph.Input[0].Type.TensorType.Shape.Dim[axis] = new() { DimValue = 0 };
            file.Node("Flatten", "x").Save();
            Assert.Contains("dimension of 0", Refusal(() => Run(file, engine, ones(1, 1, 2, 2))));
            Assert.Contains("dimension of 0", Refusal(() => OnnxInspection.Of(file.Path)));
        }
    }

    [Theory, MemberData(nameof(AllEngines))]
    public void Weights_with_a_dimension_of_0_are_told(OnnxEngine engine)
    {
        using var file = new OnnxFile([1, 2]);
        file.Constant("w", [2, 0]).Node("MatMul", "x w", "y").Save();
        Assert.DoesNotContain("\n", Refusal(() => Run(file, engine, ones(1, 2))));
        Assert.DoesNotContain("\n", Refusal(() => Evaluate(file.Path, new() { Engine = engine })));
    }

    /// <summary>Values of qonnx's own executor: its range is -2^(b-1) to 2^(b-1) - 1 whatever b is, clamped to before it rounds.</summary>
    [Theory]
    [InlineData(2.5f, new double[] { -3, -2, 0, 2, 2 })]
    [InlineData(3.9999998f, new double[] { -8, -2, 0, 2, 7 })]
    [InlineData(2.2f, new double[] { -2, -2, 0, 1, 1 })]
    public void A_fractional_bit_width_is_used_as_it_is(float bits, double[] expected)
    {
        using var file = new OnnxFile([1, 5]);
        file.Constant("s", [], 1).Constant("z", [], 0).Constant("b", [], bits).Node("Quant", "x s z b", "y", "qonnx.custom_op.general", ("signed", 1), ("narrow", 0)).Save();
        using var network = OnnxNetwork.Load(file.Path);
        Assert.Equal(expected, network.Run(tensor(new float[,] { { -100, -2, 0, 2, 100 } })).data<double>().ToArray());
        Assert.Contains($"integers from {expected[0]} to {expected[^1]}", Assert.Single(network.Notices));
        var inspection = OnnxInspection.Of(file.Path);
        Assert.Single(inspection.Notices);
        Assert.Equal(expected[0] < -4 ? 4 : expected[0] < -2 ? 3 : 2, Assert.Single(inspection.Quantizers).BitWidth);
    }

    [Theory]
    [InlineData("LRN", "")]
    [InlineData("Resize", "")]
    [InlineData("Elu", "")]
    [InlineData("Xyz", "")]
    [InlineData("Rellu", "; did you mean Relu?")]
    [InlineData("MaxPol", "; did you mean MaxPool?")]
    public void Only_a_likely_typo_has_a_hint(string kind, string hint)
    {
        using var file = new OnnxFile([0, 2]);
        file.Node(kind, "x", "y").Save();
        Assert.EndsWith($"its operator {kind} is not supported{hint}", Refusal(() => Run(file, OnnxEngine.Interpreter, ones(1, 2))));
    }

    static OnnxFile FeaturesFirst()
    {
        var file = new OnnxFile([0, 4]);
        file.Node("Neg", "x", "f").Constant("w", [4, 2], 1, 0, 0, 0, 0, 0, 0, 1).Node("MatMul", "x w", "y");
        file.Model.Graph.Output.Add([new ValueInfoProto { Name = "f", Type = Typed(ElementType.Float) }, new ValueInfoProto { Name = "y", Type = Typed(ElementType.Float) }]);
        file.Save();
        return file;
    }

    /// <summary>Two images of four pixels: the first pixel is bright in the first class, the last in the second.</summary>
    static Evaluation Evaluate(string path, OnnxRunOptions options)
    {
        using var network = OnnxNetwork.Load(path, options);
        Tensor images = tensor(new byte[] { 9, 0, 0, 0, 0, 0, 0, 9 }).reshape(2, 1, 2, 2);
        var data = new DatasetInfo("two", Channels: 1, Height: 2, Width: 2, ["a", "b"], Mean: [0], Std: [1]);
        return network.Evaluate([new(0, images, tensor(new long[] { 0, 1 }))], data, Losses.Create(new()));
    }

    static TypeProto Typed(ElementType type) => new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } };
}
