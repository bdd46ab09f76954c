using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization.Kernels;

public class FastWeightsTests
{
    public static TheoryData<int, WeightScale, bool> Quantizers =>
        [.. from bits in Enumerable.Range(1, 8) from scale in new[] { WeightScale.MaxAbs, WeightScale.MeanAbs }
            from perChannel in new[] { false, true } select (bits, scale, perChannel)];

    [Theory, MemberData(nameof(Quantizers))]
    public void The_kernel_gives_the_values_the_scales_and_the_gradients_of_the_reference(int bits, WeightScale scale, bool perChannel)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(bits);
        var quantizer = new WeightQuantizer(bits, scale, perChannel);
        foreach (long[] shape in new long[][] { [4, 3, 3, 3], [5, 1, 3, 3], [33, 40, 3, 3], [7, 19], [1, 2, 1, 1] })
        {
            Tensor values = randn(shape) * 0.2;
            Tensor w = Laid(values).requires_grad_(), reference = values.clone().requires_grad_(), dy = randn(shape);
            Assert.True(FastWeights.Takes(w, quantizer));

            QuantizedTensor fast = FastWeights.Quantize(w, quantizer), expected = WeightQuantization.Quantize(reference, quantizer);
            fast.Value.backward([dy]);
            expected.Value.backward([dy]);

            Close.Assert(expected.Scale!, fast.Scale!, 1e-6, "the scale");
            Assert.Equal(expected.Scale!.shape, fast.Scale!.shape);
            Close.Assert(expected.Value, fast.Value, 1e-6, "the values");
            Close.Assert(reference.grad!, w.grad!, 1e-5, "the gradient");
        }
    }

    [Fact]
    public void Equal_largest_weights_of_a_tensor_share_the_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor values = tensor(new[] { 0.5f, -1f, 0.3f, 1f }, [2, 2]), dy = tensor(new[] { 1f, 2f, 3f, 4f }, [2, 2]);
        Tensor w = values.clone().requires_grad_(), reference = values.clone().requires_grad_();
        var quantizer = new WeightQuantizer(4, WeightScale.MaxAbs, PerChannel: false);

        FastWeights.Quantize(w, quantizer).Value.backward([dy]);
        WeightQuantization.Quantize(reference, quantizer).Value.backward([dy]);

        Close.Assert(reference.grad!, w.grad!, 1e-6, "the gradient");
    }

    static Tensor Laid(Tensor x) => x.dim() == 4 ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).detach() : x.clone();
}
