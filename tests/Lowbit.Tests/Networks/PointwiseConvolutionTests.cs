using Lowbit.Networks.Layers;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

public class PointwiseConvolutionTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void A_matrix_product_gives_the_values_and_the_gradients_of_the_convolution(int stride)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Tensor x = rand(2, 5, 7, 7).requires_grad_(), w = rand(3, 5, 1, 1).requires_grad_(), b = rand(3).requires_grad_();
        Tensor expected = nn.functional.conv2d(x, w, b, strides: [stride, stride]), gradient = rand_like(expected);
        var expectedGradients = autograd.grad([expected], [x, w, b], [gradient]);

        Tensor actual = PointwiseConvolution.Run(x, w, b, stride);

        Close.Assert(expected, actual, 1e-6, "the values");
        foreach (var (e, a) in expectedGradients.Zip(autograd.grad([actual], [x, w, b], [gradient]))) Close.Assert(e, a, 1e-6, "a gradient");
    }

    [Fact]
    public void A_large_convolution_of_1x1_runs_on_this_processor()
    {
        // 256 x 1024 weights: oneDNN's own convolution ends the process where the size of the caches is unknown.
        using var scope = NewDisposeScope();
        var graph = new Lowbit.Graphs.GraphBuilder(new(256, 4, 4)).Conv(1024, kernel: 1).ToGraph();
        using var network = new Lowbit.Networks.Network(graph);
        Assert.Equal([2, 1024, 4, 4], network.forward(rand(2, 256, 4, 4)).shape);
    }
}
