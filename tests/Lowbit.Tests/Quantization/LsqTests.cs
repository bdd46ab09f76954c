using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>The start and the gradient scale of Esser et al. 2020, "Learned Step Size Quantization", for weights and activations.</summary>
public class LsqTests
{
    [Theory]
    [InlineData(1, true), InlineData(2, true), InlineData(4, false), InlineData(8, true)]
    public void The_step_of_weights_starts_and_moves_as_the_paper_says(int bits, bool perChannel)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)bits);
        Tensor w = randn([6, 4, 3, 3], generator: chance), dy = randn([6, 4, 3, 3], generator: chance);
        using var quantization = new WeightQuantization(new(bits, WeightScale.Lsq, perChannel), w);
        var step = quantization.parameters().Single();
        IntegerRange range = quantization.Quantizer.Range;
        long[] shape = perChannel ? [6, 1, 1, 1] : [], others = perChannel ? [1, 2, 3] : [0, 1, 2, 3];
        Tensor start = w.abs().mean(others).mul(CachedScalar.Of(2 / Math.Sqrt(range.High))).reshape(shape);
        Close.Assert(start, step, 1e-6, "the start");

        quantization.forward(w).Value.backward([dy]);

        Tensor levels = w.div(start), rounded = range.IsBinary ? levels.sign() : levels.round(), clamped = rounded.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));
        Tensor inside = range.IsBinary ? levels.abs().le(CachedScalar.Of(1)) : rounded.eq(clamped);
        double factor = 1 / Math.Sqrt((perChannel ? 4 * 9 : 6 * 4 * 9) * (double)range.High);
        Tensor expected = dy.mul(where(inside, clamped - levels, clamped)).sum(others).mul(CachedScalar.Of(factor)).reshape(shape);
        Close.Assert(expected, step.grad!, 1e-4, "the gradient");
    }

    [Theory]
    [InlineData(1, false), InlineData(2, false), InlineData(4, true), InlineData(8, false)]
    public void The_scale_of_activations_starts_at_the_first_batch_and_has_the_gradient_of_the_learned_step(int bits, bool signed)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)bits);
        var shape = new Shape(3, 5, 4);
        Tensor x = randn([7, 3, 5, 4], generator: chance), later = randn([7, 3, 5, 4], generator: chance);
        if (!signed) (x, later) = (x.abs(), later.abs());
        foreach (KernelUse kernels in new[] { KernelUse.Never, KernelUse.Always })
        {
            int steps = new QuantizationSpec { ActivationScale = ActivationScale.Lsq }.Activation(bits, signed).CollectStatisticsSteps;
            using var quantization = ActivationQuantization.Create(new(bits, signed, ActivationScale.Lsq, CollectStatisticsSteps: steps), shape);
            quantization.Kernels = kernels;
            quantization.train();
            quantization.forward(x);

            double high = quantization.Quantizer.Range.High;
            Assert.Equal(2 * x.abs().mean().item<float>() / Math.Sqrt(high), quantization.EvaluationScale.Scale.item<float>(), 1e-5);

            using var learned = ActivationQuantization.Create(new(bits, signed, ActivationScale.LearnedStep, CollectStatisticsSteps: 1), shape);
            learned.train();
            learned.forward(x);
            using (no_grad()) learned.parameters().Single().copy_(quantization.parameters().Single());
            quantization.forward(later).Value.sum().backward();
            learned.forward(later).Value.sum().backward();
            Close.Assert(learned.parameters().Single().grad!, quantization.parameters().Single().grad!, 1e-4, "the gradient");
        }
    }

    [Fact]
    public void Images_start_where_the_error_is_least() => Assert.Equal(ActivationScale.LearnedStep, new QuantizationSpec { ActivationScale = ActivationScale.Lsq }.Input.Scale);
}
