using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>The threshold that activations start from is the best of all that are tried.</summary>
public class LeastErrorTests
{
    static float[] Values(int count)
    {
        using var chance = new Generator(5);
        using Tensor values = randn(count, generator: chance);
        return [.. values.data<float>()];
    }

    static double ErrorAt(float threshold, float[] values, IntegerRange range, int divisor)
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(values), y = Rounding.QuantizeStraightThroughClipped(x, tensor(threshold / divisor), null, range);
        return (y - x).to(float64).pow(CachedScalar.Of(2)).sum().item<double>();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(8, false)]
    [InlineData(4, true)]
    [InlineData(8, true)]
    public void No_other_threshold_that_is_tried_has_a_smaller_error(int bits, bool signed)
    {
        IntegerRange range = signed ? IntegerRange.Signed(bits, narrow: false) : IntegerRange.Unsigned(bits);
        int divisor = signed ? -range.Low : range.High;
        float[] values = signed ? Values(3000) : [.. Values(3000).Select(MathF.Abs)], magnitudes = [.. values.Select(MathF.Abs)];

        float threshold = LeastError.Of(magnitudes, range, divisor);

        double[] errors = [.. Enumerable.Range(1, LeastError.Steps).Select(step => ErrorAt(magnitudes.Max() * step / LeastError.Steps, values, range, divisor))];
        Assert.InRange(ErrorAt(threshold, values, range, divisor), errors.Min(), errors.Min() * 1.02);   // signed values are judged by their magnitudes
    }

    [Theory]
    [InlineData(1, 1.22)]
    [InlineData(2, 0.66 * 3)]
    public void Half_a_normal_distribution_has_the_threshold_that_is_known_for_it(int bits, double expected)
    {
        float[] magnitudes = [.. Values(40_000).Select(MathF.Abs)];
        Assert.InRange(LeastError.Of(magnitudes, IntegerRange.Unsigned(bits), IntegerRange.Unsigned(bits).High), expected * 0.9, expected * 1.1);
    }

    [Fact]
    public void Kernels_judge_by_the_same_sample_as_plain_operations()
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(1);
        Tensor x = randn([16, 12, 9, 9], generator: chance).abs().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);   // channels last, as kernels see values
        var quantizer = new ActivationQuantizer(2, Scale: ActivationScale.LearnedStep);
        Assert.True(x.numel() > 4096);

        float plain = LeastError.Threshold(x, quantizer, divisor: 3).item<float>();
        float kernel;
        unsafe
        {
            kernel = LeastError.Threshold(new MagnitudesInMemory(DenseMemory.Pointer(x), x.numel()), quantizer, divisor: 3);
        }

        Assert.Equal(plain, kernel);
    }

    [Fact]
    public void Every_channel_has_its_own_where_scales_are_by_channel()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(Values(600)).abs().view(10, 3, 20).permute(0, 1, 2).view(10, 3, 4, 5) * tensor(new[] { 1f, 10f, 100f }).view(1, 3, 1, 1);
        Tensor thresholds = LeastError.Threshold(x, new ActivationQuantizer(3, Scale: ActivationScale.LearnedStep, PerChannel: true), divisor: 7);
        Assert.Equal([1, 3, 1, 1], thresholds.shape);
        float[] found = [.. thresholds.data<float>()];
        Assert.InRange(found[1] / found[0], 5, 20);
        Assert.InRange(found[2] / found[1], 5, 20);
    }

    [Fact]
    public void Values_that_are_all_zero_ask_for_a_threshold_of_zero() => Assert.Equal(0, LeastError.Of(new float[5], IntegerRange.Unsigned(2), 3));
}
