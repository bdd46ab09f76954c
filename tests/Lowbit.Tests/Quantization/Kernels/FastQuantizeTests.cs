using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization.Kernels;

public class FastQuantizeTests
{
    public static TheoryData<int, bool, bool> Ranges =>
        [.. from bits in Enumerable.Range(1, 8) from signed in new[] { false, true }
            from channelsLast in new[] { false, true } select (bits, signed, channelsLast)];

    [Theory, MemberData(nameof(Ranges))]
    public void The_kernel_gives_the_values_of_the_reference_to_the_bit_and_its_gradients(int bits, bool signed, bool channelsLast)
    {
        using var scope = NewDisposeScope();
        IntegerRange range = signed ? IntegerRange.Signed(bits) : IntegerRange.Unsigned(bits);
        foreach (long[] shape in new long[][] { [2, 3, 5, 7], [4, 16, 33, 32], [3, 19] })
        {
            Tensor values = Laid(randn(shape), channelsLast), dy = randn(shape);
            Tensor x = values.clone().requires_grad_(), scale = tensor(0.7f / Math.Max(1, range.High)).requires_grad_();
            Tensor referenceX = values.clone().requires_grad_(), referenceScale = scale.detach().clone();
            Assert.True(DenseMemory.IsDense(x));

            Tensor y = FastQuantize.Quantize(x, scale, range), reference = Rounding.QuantizeStraightThroughClipped(referenceX, referenceScale, null, range);
            y.backward([dy]);
            reference.backward([dy]);

            Assert.True(y.equal(reference).all().item<bool>());
            Close.Assert(referenceX.grad!, x.grad!, 1e-6, "the gradient");
            AssertSum(ScaleGradientTerms(values, dy, scale.detach(), range), scale.grad!.item<float>());
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Statistics_of_a_batch_and_their_gradient_are_those_of_the_reference(bool signed, bool channelsLast)
    {
        using var scope = NewDisposeScope();
        var quantizer = new ActivationQuantizer(4, signed, CollectStatisticsSteps: 2);
        var shape = new Shape(8, 40, 40);
        ActivationQuantization fast = ActivationQuantization.Create(quantizer, shape), reference = ActivationQuantization.Create(quantizer, shape);
        reference.Kernels = KernelUse.Never;
        for (int step = 0; step < 4; step++)
        {
            Tensor values = Laid(signed ? randn(32, 8, 40, 40) : randn(32, 8, 40, 40).relu(), channelsLast), dy = randn(32, 8, 40, 40);
            Tensor x = values.clone().requires_grad_(), referenceX = values.clone().requires_grad_();

            QuantizedTensor y = fast.forward(x), expected = reference.forward(referenceX);
            y.Value.backward([dy]);
            expected.Value.backward([dy]);

            Assert.Equal(expected.Scale!.item<float>(), y.Scale!.item<float>());
            Assert.True(y.Value.equal(expected.Value).all().item<bool>(), $"step {step}");
            Tensor isStatistic = values.abs().eq(Percentile.High(values.abs()));
            Close.Assert(referenceX.grad!.masked_fill(isStatistic, CachedScalar.Of(0)), x.grad!.masked_fill(isStatistic, CachedScalar.Of(0)), 1e-6, $"the gradient in step {step}");
            double terms = ScaleGradientTerms(values, dy, y.Scale.detach(), quantizer.Range).abs().sum().item<double>() / (signed ? 8 : 15);
            Assert.InRange((referenceX.grad! - x.grad!).abs().max().item<float>() / terms, 0, 1e-6);
            foreach (var (name, tensor) in reference.state_dict()) Close.Assert(tensor, fast.state_dict()[name], 1e-6, name);
        }
    }

    [Fact]
    public void The_largest_magnitudes_are_found_in_any_number_of_values()
    {
        using var scope = NewDisposeScope();
        foreach (int count in Enumerable.Range(1, 100).Concat([2047, 2048, 2049, 100_000, 1_000_003]))
        {
            Tensor x = count % 2 == 0 ? randn(count) : randn(count).mul(CachedScalar.Of(4)).round();   // few different values have many equals
            float[] sorted = [.. x.abs().sort().Values.data<float>().ToArray().Reverse()];
            foreach (int m in new[] { 1, 2, count / 100_000 + 1, count / 100 + 1, count / 2 + 1, count }.Where(m => m <= count))
                Assert.Equal(sorted[m - 1], Find(x, m));
        }
    }

    [Fact]
    public void The_largest_magnitudes_are_found_where_the_sample_is_not_like_the_rest()
    {
        using var scope = NewDisposeScope();
        const int Count = 102_400, Granule = 64;
        var values = new float[Count];
        Array.Fill(values, 1);
        for (int i = 0; i < 256; i++) Array.Fill(values, 10, (int)LargestMagnitudes.SampledGranule(i, Count / Granule) * Granule, Granule);
        int large = values.Count(value => value == 10);
        Tensor x = tensor(values);
        Assert.Equal([10f, 1f, 1f], new[] { large, large + 1, large + 4000 }.Select(m => Find(x, m)));
    }

    [Fact]
    public void Values_that_are_not_numbers_rank_after_all_others()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1f, float.NaN, -3f, float.NaN, 2f });
        Assert.Equal([3f, 2f, 1f, float.NaN, float.NaN], Enumerable.Range(1, 5).Select(m => Magnitude(x, m)));
    }

    /// <summary>dy (q - x / s) inside the range and dy q outside, in double precision, with the integers that float32 rounds to.</summary>
    static Tensor ScaleGradientTerms(Tensor x, Tensor dy, Tensor scale, IntegerRange range)
    {
        Tensor float32Level = x / scale, rounded = range.IsBinary ? float32Level : float32Level.round(), clamped = rounded.clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));
        Tensor q = range.IsBinary ? x.ge(CachedScalar.Of(0)).to(float64).mul(CachedScalar.Of(2)).sub(CachedScalar.Of(1)) : clamped.to(float64);
        return dy.to(float64) * (q - x.to(float64) / scale.to(float64) * rounded.eq(clamped));
    }

    /// <summary>The terms nearly cancel, so what matters is the error relative to their magnitudes.</summary>
    static void AssertSum(Tensor terms, double actual) =>
        Assert.InRange(Math.Abs(actual - terms.sum().item<double>()) / terms.abs().sum().item<double>(), 0, 1e-6);

    static unsafe float Magnitude(Tensor x, int m) => LargestMagnitudes.Find(new MagnitudesInMemory(DenseMemory.Pointer(x), x.numel()), m).Magnitude;

    static unsafe float Find(Tensor x, int m)
    {
        var (magnitude, index) = LargestMagnitudes.Find(new MagnitudesInMemory(DenseMemory.Pointer(x), x.numel()), m);
        Assert.Equal(magnitude, Math.Abs(x[index].item<float>()));
        return magnitude;
    }

    static Tensor Laid(Tensor x, bool channelsLast) =>
        channelsLast && x.dim() == 4 ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x;
}
