using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization.Kernels;

/// <summary>The form of the quantizers for other devices, here on the CPU, which computes the same operations.</summary>
public class ComposedQuantizeTests
{
    public static TheoryData<int, bool, bool> Ranges =>
        [.. from bits in Enumerable.Range(1, 8) from signed in new[] { false, true } from isClipped in new[] { false, true } select (bits, signed, isClipped)];

    [Theory, MemberData(nameof(Ranges))]
    public void Values_are_those_of_the_reference_to_the_bit_and_so_are_gradients_but_for_the_order_of_sums(int bits, bool signed, bool isClipped)
    {
        using var scope = NewDisposeScope();
        IntegerRange range = signed ? IntegerRange.Signed(bits) : IntegerRange.Unsigned(bits);
        foreach (var (shape, scaleShape) in new (long[], long[])[] { ([4, 3, 5, 7], []), ([4, 3, 5, 7], [4, 1, 1, 1]), ([4, 3, 5, 7], [1, 3, 1, 1]), ([3, 19], [3, 1]), ([3, 19], [1]) })
        {
            Tensor x = randn(shape).requires_grad_(), scale = rand(scaleShape).add(CachedScalar.Of(0.5), alpha: CachedScalar.Of(1)).div(CachedScalar.Of(Math.Max(1, range.High))).requires_grad_();
            Tensor otherX = x.detach().clone().requires_grad_(), otherScale = scale.detach().clone().requires_grad_(), dy = randn(shape);
            using (no_grad()) foreach (Tensor values in new[] { x, otherX }) values.flatten()[0] = tensor(0f);

            Tensor y = ComposedQuantize.Quantize(x, scale, range, isClipped), expected = isClipped
                ? Rounding.QuantizeStraightThroughClipped(otherX, otherScale, null, range)
                : Rounding.QuantizeStraightThrough(otherX, otherScale, null, range);
            y.backward([dy]);
            expected.backward([dy]);

            Assert.True(y.equal(expected).all().item<bool>());
            Close.Assert(otherX.grad!, x.grad!, 1e-6, "the gradient of x");
            Assert.Equal(scaleShape, scale.grad!.shape);
            Close.Assert(otherScale.grad!, scale.grad!, 1e-4, "the gradient of the scale");
            using (no_grad()) Assert.True(ComposedQuantize.Quantize(x, scale, range, isClipped).equal(expected).all().item<bool>());
        }
    }

    [Theory, MemberData(nameof(Ranges))]
    public void The_edges_of_the_range_what_is_halfway_and_what_is_no_number_are_as_in_the_reference(int bits, bool signed, bool isClipped)
    {
        using var scope = NewDisposeScope();
        IntegerRange range = signed ? IntegerRange.Signed(bits) : IntegerRange.Unsigned(bits);
        float[] levels = [.. Enumerable.Range(2 * (range.Low - 2), 2 * (range.High - range.Low + 4) + 1).Select(halves => halves / 2f), float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f];
        foreach (int count in new[] { levels.Length - 4, levels.Length })   // without what is no number, then with it
        {
            Tensor x = tensor(levels[..count]).mul_(CachedScalar.Of(0.25)).requires_grad_(), scale = tensor(0.25f).requires_grad_();
            Tensor otherX = x.detach().clone().requires_grad_(), otherScale = scale.detach().clone().requires_grad_();
            ComposedQuantize.Quantize(x, scale, range, isClipped).sum().backward();
            (isClipped ? Rounding.QuantizeStraightThroughClipped(otherX, otherScale, null, range) : Rounding.QuantizeStraightThrough(otherX, otherScale, null, range)).sum().backward();

            Assert.Equal(otherX.grad!.data<float>().ToArray(), x.grad!.data<float>().ToArray());
            if (count < levels.Length) Close.Assert(otherScale.grad!, scale.grad!, 1e-5, "the gradient of the scale");
        }
    }
}
