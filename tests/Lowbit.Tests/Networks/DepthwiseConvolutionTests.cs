using System.Diagnostics;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Networks.Layers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

public class DepthwiseConvolutionTests
{
    public static TheoryData<int, int, int, int> Windows => [.. from kernel in new[] { 1, 2, 3, 5 } from stride in new[] { 1, 2, 3 } from padding in new[] { 0, 1, 2 } from size in new[] { 5, 8 }
        select (kernel, stride, padding, size)];

    [Theory, MemberData(nameof(Windows))]
    public void Products_with_moved_images_give_the_values_and_the_gradients_of_the_convolution(int kernel, int stride, int padding, int size)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Tensor x = rand([2, 4, size, size], float64).requires_grad_(), w = rand([4, 1, kernel, kernel], float64).requires_grad_(), b = rand(4, float64).requires_grad_();
        Tensor expected = nn.functional.conv2d(x, w, b, strides: [stride, stride], padding: [padding, padding], groups: 4), gradient = rand_like(expected);
        var expectedGradients = autograd.grad([expected], [x, w, b], [gradient]);

        Tensor actual = DepthwiseConvolution.Run(new Conv("conv", "input", 4, kernel, stride, padding, Groups: 4), x, w, b);

        Close.Assert(expected, actual, 1e-14, "the values");
        foreach (var (e, a) in expectedGradients.Zip(autograd.grad([actual], [x, w, b], [gradient]))) Close.Assert(e, a, 1e-13, "a gradient");
    }

    /// <summary>A measurement, which other tests beside it disturb.</summary>
    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests)), Trait("Category", "Long")]
    public void Hundreds_of_channels_in_double_precision_take_no_convolution_each()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        const int Channels = 960;
        Graph graph = new GraphBuilder(new Shape(Channels, 8, 8)).Conv(Channels, kernel: 3, groups: Channels).ToGraph();
        using var network = new Network(graph);
        network.to(float64);
        Tensor x = rand([32, Channels, 8, 8], float64);

        TimeSpan ours = Least(() => network.forward(x)), theirs = Least(() => nn.functional.conv2d(x, network.State.Single().Tensor, padding: [1, 1], groups: Channels));

        Assert.True(ours < theirs / 2, $"{ours.TotalMilliseconds:F0} ms, libtorch's convolution {theirs.TotalMilliseconds:F0} ms");

        static TimeSpan Least(Func<Tensor> run) => Enumerable.Range(0, 3).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            run().Dispose();
            return clock.Elapsed;
        });
    }
}
