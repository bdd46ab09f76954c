using Lowbit.Graphs;
using Lowbit.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>Convolutions of any number of channels have the gradients that double precision gives them, each time the same.</summary>
public class ConvolutionGradientTests
{
    public static TheoryData<int, int, int, int> Shapes => [.. from input in new[] { 1, 3, 8, 16 } from channels in new[] { 1, 4, 8, 10, 16, 24 } from kernel in new[] { 1, 3, 5 }
        from stride in new[] { 1, 2 } where stride == 1 || kernel == 3 select (input, channels, kernel, stride)];

    [Theory, MemberData(nameof(Shapes))]
    public void They_are_those_of_double_precision(int input, int channels, int kernel, int stride)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)(input * 100 + channels));
        Graph graph = new GraphBuilder(new Shape(input, 8, 8)).Conv(channels, kernel, stride, bias: true).ToGraph();
        using Network network = new(graph), exact = new(graph);
        Tensor images = randn([16, input, 8, 8], generator: chance), above = randn(network.forward(images).shape, generator: chance);
        exact.to(ScalarType.Float64);
        foreach (var ((_, copy), (_, original)) in exact.State.Zip(network.State)) using (no_grad()) copy.copy_(original);
        Tensor expected = images.to(float64).requires_grad_();
        exact.forward(expected).backward([above.to(float64)]);

        for (int time = 0; time < 5; time++)
        {
            using var step = NewDisposeScope();
            foreach (var (_, parameter) in network.Parameters) parameter.grad = null;
            Tensor x = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_();
            network.forward(x).backward([above]);

            Close.Assert(expected.grad!.to(float32), x.grad!, 1e-4, "the input's gradient");
            foreach (var ((name, ours), (_, theirs)) in network.Parameters.Zip(exact.Parameters)) Close.Assert(theirs.grad!.to(float32), ours.grad!, 1e-4, name);
        }
    }
}
