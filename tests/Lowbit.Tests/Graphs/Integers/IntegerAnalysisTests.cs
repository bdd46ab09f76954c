using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Xunit;

namespace Lowbit.Tests.Graphs.Integers;

public class IntegerAnalysisTests
{
    static readonly ActivationQuantizer Unsigned = new(4), Signed = new(4, Signed: true);

    static GraphBuilder Values => new GraphBuilder(new Shape(2, 8, 8)).Quantize(Unsigned, name: "q");

    static IntegerType? Of(GraphBuilder x) => x.ToGraph().Integers.TypeOf(x.Name);

    [Fact]
    public void A_quantizer_gives_its_integers_at_its_own_scale() => Assert.Equal(new(new(0, 15), 4, new("q")), Of(Values));

    [Fact]
    public void A_sum_of_one_scale_has_the_sums_of_its_operands()
    {
        GraphBuilder x = Values;
        Assert.Equal(new(new(-8, 22), 5, new("q"), Terms: 2), Of(x.Quantize(Signed, "q", "r").Add(x)));
    }

    [Fact]
    public void A_sum_of_two_scales_is_no_integer()
    {
        GraphBuilder x = Values;
        Assert.Null(Of(x.Quantize(Unsigned, name: "r").Add(x)));
    }

    [Fact]
    public void A_sum_of_a_mean_and_its_input_is_an_integer_only_where_the_mean_keeps_the_scale()
    {
        // 16 values of 8 bits sum up to 12, of which 4 are dropped: the mean's scale is the input's. Of 4 bits, none are dropped.
        Assert.NotNull(Of(Sum(8)));
        Assert.Null(Of(Sum(4)));

        static GraphBuilder Sum(int bits)
        {
            GraphBuilder x = new GraphBuilder(new Shape(2, 4, 4)).Quantize(new(bits), name: "q"), mean = x.AveragePool(4, outputBitWidth: 8);
            return mean.Add(x.MaxPool(4));
        }
    }

    [Fact]
    public void Max_pools_flattening_and_relus_keep_integers()
    {
        Assert.Equal(new(new(0, 7), 4, new("q")), Of(new GraphBuilder(new Shape(2, 8, 8)).Quantize(Signed, name: "q").Relu().MaxPool(2).Flatten()));
    }

    [Fact]
    public void A_truncated_mean_has_what_is_left_of_the_sum_at_a_scale_of_its_own()
    {
        // 64 values of 0..15 sum up to 960, 10 bits; two are dropped.
        Assert.Equal(new(new(0, 240), 8, new("q", 4.0 / 64)), Of(Values.AveragePool(8, outputBitWidth: 8)));
    }

    [Fact]
    public void Layers_norms_and_exact_means_give_real_numbers()
    {
        Assert.Null(Of(Values.Conv(2, kernel: 3, weights: new(4))));
        Assert.Null(Of(Values.BatchNorm()));
        Assert.Null(Of(Values.AveragePool(2)));
    }
}
