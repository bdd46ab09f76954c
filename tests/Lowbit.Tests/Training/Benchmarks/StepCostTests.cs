using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training.Benchmarks;
using Xunit;

namespace Lowbit.Tests.Training.Benchmarks;

public class StepCostTests
{
    [Fact]
    public void A_convolution_costs_its_products_in_each_direction_and_one_less_where_nothing_is_learned_below_it()
    {
        Graph graph = new GraphBuilder(new Shape(3, 4, 4)).Conv(8, kernel: 3).Conv(8, kernel: 3).ToGraph();

        StepCost cost = StepCost.Of(graph, batch: 2);

        const int First = 8 * 3 * 9 * 16, Second = 8 * 8 * 9 * 16;   // products of an image
        Assert.Equal(2 * 2 * (2 * First + 3 * Second), cost.Flops);
        const int Image = 3 * 16, Value = 8 * 16, Weights = 8 * 3 * 9 + 8 * 8 * 9;
        Assert.Equal(4 * (2 * (3 * Value + 2 * Image + 6 * Value) + Weights * (11 + 3)), cost.Bytes);
    }

    [Theory, InlineData("resnet20"), InlineData("cnv"), InlineData("mobilenetv1")]
    public void Kernels_move_fewer_bytes_than_the_float_network_s_operations(string model)
    {
        ModelSpec Named(string name) => new(name, new Shape(3, 32, 32), 10);
        StepCost real = StepCost.Of(ModelZoo.Build(Named(model), new()), 128), quantized = StepCost.Of(ModelZoo.Build(Named($"quant_{model}"), new()), 128);

        Assert.InRange(quantized.Bytes / real.Bytes, 0.5, 0.95);
        Assert.InRange(quantized.Flops / real.Flops, 1, 1.02);   // the scale of the images is learned, too
    }

    [Fact]
    public void The_least_time_is_that_of_the_machine_at_its_best() =>
        Assert.Equal((2, 0.5), new StepCost(Flops: 200e9, Bytes: 10e9).SecondsAt(new(FlopsPerSecond: 100e9, BytesPerSecond: 20e9)));
}
