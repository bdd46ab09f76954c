using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Integers;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Integers;

/// <summary>An integer network has, at every node and for every image, the integers of the trained network in float64.</summary>
public class IntegerFormTests
{
    public static IEnumerable<TheoryDataRow<string, int, bool>> Cases =>
        from kind in Blocks.Kinds
        from bits in new[] { 1, 2, 3, 4, 8 }
        from perChannel in new[] { false, true }
        select new TheoryDataRow<string, int, bool>(kind, bits, perChannel)
        {
            Skip = bits is 2 or 8 || LongTests.AreWantedInTheGate ? null : LongTests.GateReason,
        };

    [Theory, MemberData(nameof(Cases))]
    public void Every_kind_of_block_has_the_integers_of_its_network_in_float64(string kind, int bits, bool perChannel) =>
        AssertSameIntegers(Blocks.Network(kind, bits, perChannel), seed: bits);

    [Theory, InlineData(false), InlineData(true)]
    public void Layers_of_different_bits_have_the_integers_of_their_network_in_float64(bool perChannel) => AssertSameIntegers(Blocks.Mixed(perChannel), seed: 6);

    [Theory]
    [InlineData("conv, norm, relu", 8)]
    [InlineData("conv, norm", 4)]
    [InlineData("conv, norm", 1)]
    [InlineData("quantizer after a quantizer", 3)]
    [InlineData("relu and norm in turn", 4)]
    [InlineData("powers of two, everywhere a tie", 4)]
    public void From_one_integer_to_the_next_all_sums_that_can_be_step_as_in_float64(string kind, int bits)
    {
        using var scope = NewDisposeScope();
        using var trained = new TrainedLike(Blocks.Network(kind, bits, perChannel: true), seed: 3);
        using Network exact = DoublePrecision.Of(trained.Network);
        var (network, form) = IntegerForm.Of(trained.Network, exact, pixels => pixels.to(float64));
        foreach (Requantize node in network.Nodes.OfType<Requantize>())
        {
            var chain = new List<Node> { exact.Graph[node.Name] };
            while (chain[0].Inputs[0] != node.From) chain.Insert(0, exact.Graph[chain[0].Inputs[0]]);
            var function = new ChainFunction(exact, chain);
            ScaledValue from = form.Values[node.From];
            int channels = from.Value.Ranges.Length, low = from.Value.Ranges.Min(range => range.Low), high = from.Value.Ranges.Max(range => range.High);
            int step = Math.Max(1, (high - low) / 40_000);
            double[] sums = [.. Enumerable.Range(0, (high - low) / step + 1).SelectMany(i => from.Value.Ranges.Select(range => (double)Math.Clamp(low + i * step, range.Low, range.High)))];
            int[] expected = function.Of(sums, from, channels);

            Assert.Equal(expected, sums.Select((sum, i) => node.Apply(i % channels, (int)sum)));
            AssertEqual(network.ValueOf(node.Name), expected, channels);
        }
    }

    [Fact]
    public void Rounding_ties_take_thresholds_and_little_else_does()
    {
        using var tied = new TrainedLike(Blocks.Network("powers of two, everywhere a tie", 4, perChannel: false), seed: 1);
        using var usual = new TrainedLike(Blocks.Network("add of a signed branch and an unsigned stream", 8, perChannel: true), seed: 1);
        Assert.Contains(IntegerForm.Of(tied.Network).Nodes.OfType<Requantize>(), node => node.Exceptions.Length > 0);
        Assert.All(IntegerForm.Of(usual.Network).Nodes.OfType<Requantize>(), node => Assert.Empty(node.Exceptions));
    }

    static void AssertSameIntegers(Graph graph, int seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var trained = new TrainedLike(graph, seed);
        using Network exact = DoublePrecision.Of(trained.Network);
        var (network, form) = IntegerForm.Of(trained.Network, exact, pixels => pixels.to(float64));
        var reference = new ExactIntegers(exact, form);
        Tensor images = trained.Images.to(float64);

        var (expected, logits) = reference.Of(images);
        var actual = new Interpreter(network).Trace(ExactIntegers.PixelsOf(trained.Images));
        // Quantizers, sums, adds and pools: all that is in integers is compared.
        Assert.Superset(graph.Nodes.Where(node => node is Quantize or IWeighted or AveragePool or Add).Select(node => node.Name).ToHashSet(), expected.Keys.ToHashSet());
        foreach (var (node, integers) in expected)
        {
            Assert.Equal(integers, actual[node]);
            Assert.All(integers.Zip(Ranges(network.ValueOf(node), integers.Length)), pair => Assert.InRange(pair.First, pair.Second.Low, pair.Second.High));
        }
        reference.Check(network, trained.Images, images);
        Assert.True(logits.std(0).max().item<double>() > 0, "the network gives every image the same logits");
        float[] inIntegers = new Interpreter(network).Run(ExactIntegers.PixelsOf(trained.Images));
        double largest = logits.abs().max().item<double>();
        Assert.All(inIntegers.Zip(logits.data<double>()), pair => Assert.InRange(pair.First - pair.Second, -largest * 1e-7, largest * 1e-7));
    }

    static IEnumerable<Interval> Ranges(IntegerValue value, int count) =>
        Enumerable.Range(0, count).Select(i => value.Ranges[i / value.Shape.Pixels % value.Shape.Channels]);

    static void AssertEqual(IntegerValue value, int[] outputs, int channels)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            int[] own = [.. outputs.Where((_, i) => i % channels == channel)];
            Assert.Equal(new Interval(own.Min(), own.Max()), value.Ranges[channel]);
        }
    }
}
