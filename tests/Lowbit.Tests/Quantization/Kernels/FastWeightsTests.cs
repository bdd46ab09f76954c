using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization.Kernels;

/// <summary>What a quantizer of weights computes by a kernel is what it computes by plain operations.</summary>
public class FastWeightsTests
{
    static readonly WeightScale[] WithKernels = [.. WeightScale.All.Where(HasKernel)];

    public static TheoryData<int, string, bool> Quantizers =>
        [.. from bits in Enumerable.Range(1, 8) from scale in WithKernels from perChannel in new[] { false, true } select (bits, scale.Name, perChannel)];

    [Fact]
    public void The_quantizers_that_most_networks_train_with_have_kernels() => Assert.Superset(new HashSet<string> { "max_abs", "mean_abs", "learned", "learned_mse" }, WithKernels.Select(scale => scale.Name).ToHashSet());

    [Theory, MemberData(nameof(Quantizers))]
    public void The_kernel_gives_the_values_the_scales_and_the_gradients_of_the_reference(int bits, string name, bool perChannel)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator((ulong)bits);   // of its own: tests that run beside it draw from torch's
        var quantizer = new WeightQuantizer(bits, QuantizerNames.Weights[name].Scale, perChannel);
        foreach (long[] shape in new long[][] { [4, 3, 3, 3], [5, 1, 3, 3], [33, 40, 3, 3], [7, 19], [1, 2, 1, 1] })
        {
            Tensor values = randn(shape, generator: chance).mul(CachedScalar.Of(0.2));
            Tensor w = Laid(values).requires_grad_(), reference = values.clone().requires_grad_(), dy = randn(shape, generator: chance);
            Tensor[] parameters = ParametersOf(quantizer, values), referenceParameters = ParametersOf(quantizer, values);

            QuantizedTensor fast = Formula(quantizer).QuantizeFast(w, quantizer, parameters, isScaleRead: false)!.Value;
            QuantizedTensor expected = Formula(quantizer).Quantize(reference, quantizer, referenceParameters);
            fast.Value.backward([dy]);
            expected.Value.backward([dy]);

            Close.Assert(expected.Scale!, fast.Scale!, 1e-6, "the scale");
            Assert.Equal(expected.Scale!.shape, fast.Scale!.shape);
            Close.Assert(expected.Value, fast.Value, 1e-6, "the values");
            Close.Assert(reference.grad!, w.grad!, 1e-5, "the gradient");
            foreach (var (parameter, other) in parameters.Zip(referenceParameters))   // its terms nearly cancel: the error is held against their size, not their sum's
                Assert.InRange((parameter.grad! - other.grad!).abs().max().item<float>() / dy.norm().item<float>(), 0, 1e-5);
        }
    }

    [Fact]
    public void Equal_largest_weights_of_a_tensor_share_the_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor values = tensor(new[] { 0.5f, -1f, 0.3f, 1f }, [2, 2]), dy = tensor(new[] { 1f, 2f, 3f, 4f }, [2, 2]);
        Tensor w = values.clone().requires_grad_(), reference = values.clone().requires_grad_();
        var quantizer = new WeightQuantizer(4, WeightScale.MaxAbs, PerChannel: false);

        Formula(quantizer).QuantizeFast(w, quantizer, [], isScaleRead: false)!.Value.Value.backward([dy]);
        Formula(quantizer).Quantize(reference, quantizer, []).Value.backward([dy]);

        Close.Assert(reference.grad!, w.grad!, 1e-6, "the gradient");
    }

    static WeightFormula Formula(WeightQuantizer quantizer) => (WeightFormula)quantizer.Scale;

    /// <summary>Smaller than where they start, so that some weights are outside the range.</summary>
    static Tensor[] ParametersOf(WeightQuantizer quantizer, Tensor w) =>
        [.. Formula(quantizer).InitialParameters(w, quantizer).Select(parameter => parameter.mul(CachedScalar.Of(0.45)).detach().requires_grad_())];

    static bool HasKernel(WeightScale scale)
    {
        using var scope = NewDisposeScope();
        Tensor w = ones(2, 3);
        var quantizer = new WeightQuantizer(4, scale);
        return Formula(quantizer).QuantizeFast(w, quantizer, ParametersOf(quantizer, w), isScaleRead: false) is not null;
    }

    static Tensor Laid(Tensor x) => x.dim() == 4 ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).detach() : x.clone();
}
