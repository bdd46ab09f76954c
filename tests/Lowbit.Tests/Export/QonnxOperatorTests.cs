using Lowbit.Export;
using Lowbit.Export.Interpretation;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>QONNX's operators on values computed by hand from their documents.</summary>
public class QonnxOperatorTests
{
    /// <summary>The table of rounding modes in QONNX's documents, and the halves between.</summary>
    [Theory]
    [InlineData("ROUND", 6, 2, 0, 2, 1, 1, -1, -1, -2, 0, -2, -6)]
    [InlineData("half_even", 6, 2, 0, 2, 1, 1, -1, -1, -2, 0, -2, -6)]
    [InlineData("CEIL", 6, 3, 1, 2, 2, 1, -1, -1, -1, 0, -2, -5)]
    [InlineData("FLOOR", 5, 2, 0, 1, 1, 1, -1, -2, -2, -1, -3, -6)]
    [InlineData("UP", 6, 3, 1, 2, 2, 1, -1, -2, -2, -1, -3, -6)]
    [InlineData("DOWN", 5, 2, 0, 1, 1, 1, -1, -1, -1, 0, -2, -5)]
    [InlineData("ROUND_TO_ZERO", 5, 2, 0, 1, 1, 1, -1, -1, -1, 0, -2, -5)]
    [InlineData("HALF_UP", 6, 3, 1, 2, 1, 1, -1, -1, -2, -1, -3, -6)]
    [InlineData("Half_Down", 5, 2, 0, 2, 1, 1, -1, -1, -2, 0, -2, -5)]
    public void Rounds_as_the_mode_says(string mode, params int[] expected)
    {
        double[] x = [5.5, 2.5, 0.5, 1.6, 1.1, 1, -1, -1.1, -1.6, -0.5, -2.5, -5.5];
        double[] rounded = Run(x, Quant(bits: 8, ("signed", 1), ("narrow", 0), ("rounding_mode", mode)));
        Assert.Equal(expected.Select(value => (double)value), rounded);
    }

    [Theory]
    [InlineData(1, 0, 3, -4, 3)]
    [InlineData(1, 1, 3, -3, 3)]
    [InlineData(0, 0, 3, 0, 7)]
    [InlineData(0, 1, 3, 0, 6)]
    [InlineData(0, 0, 1, 0, 1)]
    [InlineData(1, 1, 2, -1, 1)]
    public void Quant_saturates_at_the_range_of_its_bits(int signed, int narrow, int bits, double low, double high) =>
        Assert.Equal([low, high], Run([-100, 100], Quant(bits, ("signed", signed), ("narrow", narrow))));

    [Fact]
    public void Quant_of_one_signed_bit_is_minus_or_plus_one() =>
        Assert.Equal([-1, 1, 1], Run([-0.1, 0, 7], Quant(bits: 1, ("signed", 1), ("narrow", 1))));

    /// <summary>-1 / 0.5 + 3 = 1 and back; 0.75 / 0.5 + 3 = 4.5, to even 4; 9 saturates at 7.</summary>
    [Fact]
    public void Quant_scales_and_shifts_before_it_rounds() =>
        Assert.Equal([-1, 0.5, 2, -1.5], Run([-1, 0.75, 9, -9], x => x
            .Constant("s", [], 0.5f).Constant("z", [], 3).Constant("b", [], 3)
            .Node("IntQuant", "x s z b", domain: "qonnx.custom_op.general", attributes: [("signed", 0), ("narrow", 0)])));

    [Fact]
    public void Quant_takes_one_scale_per_channel()
    {
        using var file = new OnnxFile([1, 2, 1, 2]);
        file.Constant("s", [1, 2, 1, 1], 1, 0.5f).Constant("z", [], 0).Constant("b", [], 8)
            .Node("Quant", "x s z b", domain: "onnx.brevitas", attributes: [("signed", 1), ("narrow", 0)]);
        var result = new Interpreter(OnnxModel.Read(file.Save())).Run(new NdArray([1, 2, 1, 2], [0.4, 0.6, 0.4, 0.6]));
        Assert.Equal([0, 1, 0.5, 0.5], result.Data);
    }

    [Fact]
    public void BipolarQuant_counts_zero_as_positive() =>
        Assert.Equal([-0.25, 0.25, 0.25], Run([-3, 0, 0.1], x => x
            .Constant("s", [], 0.25f).Node("BipolarQuant", "x s", domain: "finn.custom_op.general")));

    /// <summary>Version 1 drops 8 - 5 = 3 bits and keeps the scale: 43 / 8 = 5.375, floored 5; -43 / 8 floored -6.</summary>
    [Theory]
    [InlineData("FLOOR", 5, -6)]
    [InlineData("CEIL", 6, -5)]
    [InlineData("ROUND", 5, -5)]
    public void Trunc_version_1_drops_bits_and_keeps_the_scale(string mode, double positive, double negative) =>
        Assert.Equal([0.5 * positive, 0.5 * negative], Run([21.5, -21.5], x => x
            .Import("qonnx.custom_op.general", 1)
            .Constant("s", [], 0.5f).Constant("z", [], 0).Constant("in", [], 8).Constant("out", [], 5)
            .Node("Trunc", "x s z in out", domain: "qonnx.custom_op.general", attributes: ("rounding_mode", mode))));

    /// <summary>
    /// Version 2 divides by 4 / 0.5 = 8, clamps to 3 bits and multiplies by the output's scale: 43 / 8 floored 5, times 4; 200 / 8 clamps
    /// at 7.
    /// </summary>
    [Fact]
    public void Trunc_version_2_goes_to_its_output_scale_and_bits() =>
        Assert.Equal([20, 28, 0], Run([21.5, 100, -21.5], x => x
            .Import("qonnx.custom_op.general", 2)
            .Constant("s", [], 0.5f).Constant("z", [], 0).Constant("in", [], 8).Constant("os", [], 4).Constant("out", [], 3)
            .Node("Trunc", "x s z in os out", domain: "qonnx.custom_op.general",
                attributes: [("rounding_mode", "FLOOR"), ("signed", 0), ("narrow", 0)])));

    [Fact]
    public void Trunc_whose_inputs_contradict_the_imported_version_is_refused()
    {
        var problem = Assert.Throws<LowbitException>(() => Run([1], x => x
            .Import("qonnx.custom_op.general", 2)
            .Constant("s", [], 0.5f).Constant("z", [], 0).Constant("in", [], 8).Constant("out", [], 5)
            .Node("Trunc", "x s z in out", domain: "qonnx.custom_op.general")));
        Assert.EndsWith("node node0 (Trunc): it has the 5 inputs of version 1, but the file imports version 2", problem.Message);
    }

    public static TheoryData<string, string, bool> Domains =>
    [
        .. from domain in new[] { "qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general" }
           from kind in new[] { "Quant", "IntQuant", "BipolarQuant", "Trunc" }
           from asNodes in new[] { false, true }
           select (domain, kind, asNodes),
    ];

    /// <summary>2.75 is 5.5 steps of 0.5: to even 6; +1 step; dropping 8 - 6 bits of 6 leaves 1 step. The file does not import the domain.</summary>
    [Theory, MemberData(nameof(Domains))]
    public void Every_domain_means_the_same_with_parameters_as_initializers_or_nodes(string domain, string kind, bool asNodes)
    {
        double[] result = Run([2.75], x =>
        {
            foreach (var (name, value) in new[] { ("s", 0.5f), ("z", 0f), ("b", 8f), ("out", 6f) })
                if (asNodes) x.Node("Constant", "", name, attributes: ("value_float", (double)value));
                else x.Constant(name, [], value);
            return x.Node(kind, kind switch { "BipolarQuant" => "x s", "Trunc" => "x s z b out", _ => "x s z b" }, domain: domain);
        });
        Assert.Equal([kind switch { "BipolarQuant" => 0.5, "Trunc" => 0.5, _ => 3 }], result);
    }

    [Fact]
    public void An_unknown_rounding_mode_is_named()
    {
        var problem = Assert.Throws<LowbitException>(() => Run([1], Quant(bits: 8, ("rounding_mode", "FLOR"))));
        Assert.Contains("rounding_mode is FLOR", problem.Message);
        Assert.Contains("did you mean FLOOR?", problem.Message);
    }

    static Func<OnnxFile, OnnxFile> Quant(int bits, params (string, object)[] attributes) => file => file
        .Constant("s", [], 1).Constant("z", [], 0).Constant("b", [], bits)
        .Node("Quant", "x s z b", domain: "qonnx.custom_op.general", attributes: attributes);

    /// <summary>Runs a file on one image of the given values.</summary>
    static double[] Run(double[] x, Func<OnnxFile, OnnxFile> build)
    {
        using var file = new OnnxFile([1, x.Length]);
        build(file);
        return new Interpreter(OnnxModel.Read(file.Save())).Run(new NdArray([1, x.Length], x)).Data;
    }
}
