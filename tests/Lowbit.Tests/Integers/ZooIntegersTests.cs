using Lowbit.Graphs;
using Lowbit.Integers;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using Lowbit.Tests.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Integers;

public class ZooIntegersTests
{
    /// <summary>Thresholds for all values of 8 bits, 255 for each of 784 channels, take 800 kB; what takes none takes a dozen bytes a channel.</summary>
    [Fact]
    public void A_residual_network_of_8_bits_needs_hardly_any_thresholds()
    {
        Graph graph = ModelZoo.Build(new("quant_resnet20", new Shape(3, 8, 8), 10) { Normalization = new([120, 110, 100], [60, 65, 70]) });
        using var trained = new TrainedLike(graph, seed: 8, images: 16);
        IntegerNetwork network = IntegerForm.Of(trained.Network);
        var steps = network.Nodes.OfType<Requantize>().ToArray();
        using var json = new MemoryStream();
        IntegerNetworkFile.Write(network, json);

        Assert.True(steps.Sum(step => step.Multipliers.Length) > 600);
        Assert.InRange(sizeof(int) * steps.Sum(step => step.Exceptions.Sum(exception => exception.At.Length)), 0, 8_000);
        Assert.InRange(json.Length, 360_000, 440_000);   // 271,000 weights in base64
    }

    [Fact]
    public void An_integer_that_is_not_the_networks_is_found_and_named()
    {
        using var scope = NewDisposeScope();
        using var trained = new TrainedLike(Blocks.Network("add of signed values", 4, perChannel: true), seed: 5);
        using Network exact = DoublePrecision.Of(trained.Network);
        var (network, form) = IntegerForm.Of(trained.Network, exact, pixels => pixels.to(float64));
        IntegerNetwork other = new(network.Image,
            [.. network.Nodes.Select(node => node is Requantize { Name: "quant1" } step ? step with { Addends = [.. step.Addends.Select((addend, channel) => channel == 3 ? addend + (1L << step.Shifts[3]) : addend)] } : node)], network.Logits);

        string message = Assert.Throws<LowbitException>(() => new ExactIntegers(exact, form).Check(other, trained.Images, trained.Images.to(float64))).Message;
        Assert.Matches("^the network in integers is not the network in double precision: quant1 has -?[0-9] in place of -?[0-9] in image 0$", message);
    }

    [Fact]
    public void Images_run_alone_as_they_run_side_by_side()
    {
        using var trained = new TrainedLike(Blocks.Mixed(perChannel: true), seed: 5);
        var interpreter = new Interpreter(IntegerForm.Of(trained.Network));
        byte[] pixels = ExactIntegers.PixelsOf(trained.Images);
        float[] together = interpreter.Run(pixels);
        float[] alone = [.. pixels.Chunk(3 * 9 * 9).SelectMany(image => interpreter.Run(image))];
        Assert.Equal(together, alone);
        Assert.Equal("100 pixels are not a number of images of 3x9x9", Assert.Throws<LowbitException>(() => interpreter.Run(pixels.AsMemory(0, 100))).Message);
    }

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests)), Trait("Category", "Long")]
    [InlineData("name: quant_cnv", 32, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_cnv", 32, "scheme: bnn_pynq, weight_bit_width: 1, act_bit_width: 1")]
    [InlineData("name: quant_cnv", 32, "scheme: bnn_pynq, weight_bit_width: 2, act_bit_width: 2")]
    [InlineData("name: quant_resnet20", 32, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_resnet20", 32, "weight_bit_width: 8, act_bit_width: 8")]
    [InlineData("name: quant_resnet8", 32, "weight_bit_width: 2, act_bit_width: 2")]
    [InlineData("name: quant_resnet20", 16, "weight_bit_width: 1, act_bit_width: 1, in_weight_bit_width: 1, out_weight_bit_width: 1, act_percentile: 90")]
    [InlineData("name: quant_resnet20", 16, "weight_bit_width: 4, act_bit_width: 4, weight_quantizer: power_of_two, act_quantizer: power_of_two, bias_bit_width: null")]
    [InlineData("name: quant_resnet18", 16, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_resnet50", 16, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_vgg11", 32, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_mobilenetv1, width: 0.5", 32, "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("name: quant_mobilenetv2, width: 0.5", 16, "weight_bit_width: 4, act_bit_width: 4, residual: signed")]
    [InlineData("name: quant_resnet20", 16, "weight_bit_width: 3, act_bit_width: 8, residual: signed")]
    public void Every_family_of_the_zoo_has_the_integers_of_its_network_in_float64(string model, int imageSize, string bits)
    {
        using var scope = NewDisposeScope();
        using var trained = TrainedNetwork.Of(model, bits, imageSize, images: 24);
        using Network exact = DoublePrecision.Of(trained.Network);
        var (network, form) = IntegerForm.Of(trained.Network, exact, pixels => pixels.to(float64));
        var check = new ExactIntegers(exact, form);
        foreach (Tensor batch in trained.Images.split(8)) check.Check(network, batch, batch.to(float64));
        Assert.All(network.Nodes.OfType<Requantize>(), step => Assert.InRange(step.Exceptions.Length, 0, Math.Max(1, step.Multipliers.Length / 10)));
    }
}
