using Lowbit.Graphs;
using Lowbit.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>What an add of quantized values says of its scale.</summary>
public class AddScaleTests
{
    static readonly ActivationQuantizer Quantizer = new(4, Signed: true, CollectStatisticsSteps: 1);

    /// <summary>Two values, each with a quantizer of its own or the second with the first one's, and what <paramref name="sum"/> makes of them.</summary>
    static Network Build(bool shared, Func<GraphBuilder, GraphBuilder> sum)
    {
        GraphBuilder x = new GraphBuilder(new Shape(2, 4, 4)).Quantize(Quantizer, name: "first");
        return new(sum(x.Conv(2, kernel: 1).Quantize(Quantizer, shared ? "first" : null, "second").Add(x, "add")).ToGraph());
    }

    [Fact]
    public void A_bias_at_the_scale_of_a_sum_is_refused_where_its_operands_have_different_scales()
    {
        // The left operand's scale would be taken for that of the sum.
        using var scope = NewDisposeScope();
        using Network unequal = Build(shared: false, sum => sum.Linear(3, weights: new(4), biasBitWidth: 8));
        using Network equal = Build(shared: true, sum => sum.Linear(3, weights: new(4), biasBitWidth: 8));
        Assert.Null(unequal.ScaleOf("add"));
        Assert.Contains("a quantized input of one scale", Assert.Throws<GraphException>(() => unequal.forward(rand(2, 2, 4, 4))).Message, StringComparison.Ordinal);
        Assert.Equal([2, 3], equal.forward(rand(2, 2, 4, 4)).shape);
        Assert.NotNull(equal.ScaleOf("add"));
    }

    [Fact]
    public void A_mean_in_integers_of_a_sum_is_refused_where_its_operands_have_different_scales()
    {
        using var scope = NewDisposeScope();
        using Network unequal = Build(shared: false, sum => sum.AveragePool(4, outputBitWidth: 4));
        Assert.Contains("needs a quantized input", Assert.Throws<GraphException>(() => unequal.forward(rand(2, 2, 4, 4))).Message, StringComparison.Ordinal);
        using Network equal = Build(shared: true, sum => sum.AveragePool(4, outputBitWidth: 4));
        Assert.Equal([2, 2, 1, 1], equal.forward(rand(2, 2, 4, 4)).shape);
    }

    [Fact]
    public void Signed_integers_stand_at_the_scale_of_the_unsigned_ones_that_they_share()
    {
        using var scope = NewDisposeScope();
        GraphBuilder x = new GraphBuilder(new Shape(1, 2, 2)).Quantize(new(4, CollectStatisticsSteps: 1), name: "unsigned");
        using var network = new Network(x.Conv(1, kernel: 1).Quantize(new(4, Signed: true, CollectStatisticsSteps: 1), "unsigned", "signed").Add(x).ToGraph());
        foreach (var (name, parameter) in network.Parameters)
            using (no_grad()) parameter.fill_(CachedScalar.Of(name == "unsigned.threshold.value" ? 1.5 : -100));   // scale 0.1; the branch is far below its range
        network.eval();

        Tensor sum = network.forward(full(1, 1, 2, 2, CachedScalar.Of(0.72)));

        Close.Assert(full(1, 1, 2, 2, CachedScalar.Of(0.7 - 0.8)), sum, 1e-6, "7 and -8 times 0.1");
        Close.Assert(network.ScaleOf("unsigned")!, network.ScaleOf("signed")!, 0, "the scale");
    }

    [Fact]
    public void A_signed_member_asks_for_the_scale_at_which_its_own_integers_reach_its_values()
    {
        using var scope = NewDisposeScope();
        GraphBuilder x = new GraphBuilder(new Shape(1, 2, 2)).Quantize(new(4, CollectStatisticsSteps: 2), name: "unsigned");
        using var network = new Network(x.Relu().Quantize(new(4, Signed: true, CollectStatisticsSteps: 2), "unsigned", "signed").Add(x).ToGraph());
        network.train();
        network.forward(full(1, 1, 2, 2, CachedScalar.Of(1.5))).Dispose();
        // Unsigned: 1.5 / 15 = 0.1. Signed: 1.5 / 8 = 0.1875. The running mean takes nine parts of the first and one of the second.
        Assert.Equal(0.9 * 0.1 + 0.1 * 0.1875, network.ScaleOf("unsigned")!.item<float>(), 1e-6);
    }
}
