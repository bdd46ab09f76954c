using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>SGD with all gradients in one tensor, here on the CPU, which computes the same operations as a GPU.</summary>
public class FlatSgdTests
{
    [Theory]
    [InlineData(0, false, null, 1)]
    [InlineData(0.9, false, 0.0, 1)]
    [InlineData(0.9, true, null, 0.1)]
    public void Steps_are_those_of_the_optimizer_that_moves_one_parameter_after_the_other(double momentum, bool nesterov, double? clip, double scaleRateFactor)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(1);
        var options = new OptimizerOptions { Momentum = momentum, Nesterov = nesterov, WeightDecay = 0.01, ClipNorm = clip, LastLayerClipNorm = clip, ClipRatio = clip, ScaleRateFactor = scaleRateFactor };
        using Network one = QuantizedNetwork(), other = QuantizedNetwork();
        StateReport.Load(other, one.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        using Optimizer each = new Sgd(one, options), together = new FlatSgd(other, options);
        together.Step(0.05);   // nothing has a gradient yet
        for (int step = 0; step < 6; step++)
        {
            foreach (var ((name, left), (_, right)) in one.Parameters.Zip(other.Parameters))
            {
                bool has = one.KindOf(name) == ParameterKind.Scale ? step > 0 : name != "bn1.weight" || step is not (2 or 3);   // some begin later, one pauses
                Tensor gradient = randn(left.shape, generator: chance);
                (left.grad, right.grad) = has ? (gradient, gradient.clone()) : (null, null);
            }
            each.Step(0.05);
            together.Step(0.05);
        }

        foreach (var (expected, actual) in one.State.Zip(other.State)) Close.Assert(expected.Tensor, actual.Tensor, 1e-5, actual.Name);
        Assert.Equal(each.State.Select(entry => entry.Name).Order(), together.State.Select(entry => entry.Name).Order());
        var velocities = each.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach (var (name, velocity) in together.State) Close.Assert(velocities[name], velocity, 1e-5, name);
    }

    [Fact]
    public void It_goes_on_from_the_state_of_that_optimizer()
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions();
        using Network first = SmallNetwork(), second = SmallNetwork();
        using Optimizer before = new Sgd(first, options), after = new FlatSgd(second, options);
        Step(second, after);   // of its own, which is forgotten
        Step(first, before);
        StateReport.Load(second, first.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        after.Load(before.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));

        Step(first, before);
        Step(second, after);

        foreach (var (expected, actual) in first.State.Zip(second.State)) Close.Assert(expected.Tensor, actual.Tensor, 1e-6, actual.Name);
    }

    static void Step(Network network, Optimizer optimizer)
    {
        foreach (var (_, parameter) in network.Parameters) parameter.grad = ones_like(parameter);
        optimizer.Step(0.1);
    }

    static Network QuantizedNetwork() => new(SmallNetwork().Graph.Quantize(new() { CollectStatisticsSteps = 1, WeightScale = WeightScale.Learned }));

    static Network SmallNetwork() => new(new GraphBuilder(new Shape(1, 8, 8)).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(3).ToGraph());
}
