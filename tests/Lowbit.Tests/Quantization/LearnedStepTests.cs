using Lowbit.Graphs;
using Lowbit.Quantization;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>The learned step follows Esser et al. 2020: formula (3), and the gradient scale of section 2.2.</summary>
public class LearnedStepTests
{
    static ActivationQuantization Create(int bits, bool signed, Shape shape) =>
        ActivationQuantization.Create(new(bits, signed, ActivationScale.LearnedStep, CollectStatisticsSteps: 1), shape);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    public void A_step_of_the_optimizer_moves_the_scale_as_the_paper_says(int bits, bool signed)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)bits);
        var shape = new Shape(3, 4, 4);
        using ActivationQuantization quantization = Create(bits, signed, shape);
        Tensor x = randn([5, 3, 4, 4], generator: chance), dy = randn([5, 3, 4, 4], generator: chance);
        if (!signed) x = x.abs();
        quantization.train();
        quantization.forward(x);
        var threshold = quantization.parameters().Single();
        double before = quantization.EvaluationScale.Scale.item<float>();

        quantization.forward(x).Value.backward([dy]);
        const double rate = 1e-3;
        using (no_grad()) threshold.sub_(threshold.grad!.mul(CachedScalar.Of(rate)));
        double moved = quantization.EvaluationScale.Scale.item<float>() - before;

        IntegerRange range = quantization.Quantizer.Range;
        Tensor levels = x.div(CachedScalar.Of(before)), rounded = levels.round(), clamped = rounded.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));
        Tensor ds = where(rounded.eq(clamped), clamped - levels, clamped);
        double expected = -rate * (dy * ds).sum().item<float>() / Math.Sqrt(shape.Elements * (double)range.High);
        Assert.InRange(moved, expected - Math.Abs(expected) * 0.02 - 1e-7, expected + Math.Abs(expected) * 0.02 + 1e-7);
    }

    [Fact]
    public void The_value_is_that_of_the_learned_scale_to_the_bit()
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(3);
        using ActivationQuantization quantization = Create(3, signed: false, new Shape(2, 4, 4));
        quantization.train();
        quantization.forward(randn([4, 2, 4, 4], generator: chance).abs());
        Tensor x = randn([4, 2, 4, 4], generator: chance).abs(), training = quantization.forward(x).Value;
        quantization.eval();
        using var _ = no_grad();
        Assert.True(training.equal(quantization.forward(x).Value).all().item<bool>());
    }
}
