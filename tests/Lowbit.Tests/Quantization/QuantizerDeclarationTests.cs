using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Quantization;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>What a quantizer declares of itself holds for what it computes.</summary>
public class QuantizerDeclarationTests
{
    public static TheoryData<string> Weights => [.. WeightScale.All.Select(scale => scale.Name)];

    public static TheoryData<string> Activations => [.. ActivationScale.All.Select(scale => scale.Name)];

    [Fact]
    public void No_name_means_two_quantizers()
    {
        Assert.Distinct(WeightScale.All.SelectMany(scale => scale.BrevitasNames.Select(name => name.Name).Append(scale.Name)));
        Assert.Distinct(ActivationScale.All.SelectMany(scale => scale.BrevitasNames.Append(scale.Name)));
    }

    [Fact]
    public void A_parameter_s_name_in_Brevitas_means_one_of_ours()
    {
        Assert.All(WeightScale.All.SelectMany(scale => scale.Parameters).GroupBy(parameter => parameter.Brevitas), same => Assert.Single(same.Distinct()));
        Assert.All(ActivationScale.All.SelectMany(scale => scale.Parameters).GroupBy(parameter => parameter.Brevitas), same => Assert.Single(same.Distinct()));
    }

    [Theory, MemberData(nameof(Weights))]
    public void Weights_learn_what_their_quantizer_declares_and_their_zero_point_and_range_are_as_declared(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var (bits, perChannel) in from bits in new[] { 1, 2, 3, 8 } from perChannel in new[] { false, true } select (bits, perChannel))
        {
            var quantizer = new WeightQuantizer(bits, WeightScale.All.Single(scale => scale.Name == name), perChannel);
            Tensor w = randn(5, 2, 3, 3);
            using var quantization = new WeightQuantization(quantizer, w);
            QuantizedTensor quantized = quantization.forward(w);

            Assert.Equal(quantizer.Scale.Parameters.Select(parameter => parameter.Name), quantization.named_parameters().Select(entry => entry.name));
            Assert.Equal(quantizer.ParameterCount(5), quantization.parameters().Sum(parameter => parameter.numel()));
            Assert.Equal(quantizer.Scale.HasZeroPoint, quantized.ZeroPoint is not null);
            Assert.Equal(quantizer.IsPerTensor ? 1 : 5, quantized.Scale!.numel());
            Tensor integers = (quantized.Value / quantized.Scale).add(quantized.ZeroPoint ?? zeros(1), CachedScalar.Of(1));
            Assert.True(integers.min().item<float>() > quantizer.Range.Low - 0.01 && integers.max().item<float>() < quantizer.Range.High + 0.01);
        }
    }

    [Theory, MemberData(nameof(Activations))]
    public void Activations_learn_what_their_quantizer_declares_and_their_zero_point_is_as_declared(string name)
    {
        using var scope = NewDisposeScope();
        var quantizer = new ActivationQuantizer(3, Signed: false, ActivationScale.All.Single(scale => scale.Name == name));
        using var quantization = ActivationQuantization.Create(quantizer, new Shape(5, 4, 4));

        Assert.Equal(quantizer.Scale.Parameters.Select(parameter => parameter.Name), quantization.named_parameters().Select(entry => entry.name));
        Assert.Equal(quantizer.ParameterCount(5), quantization.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(quantizer.Scale.HasZeroPoint, quantization.EvaluationScale.ZeroPoint is not null);
    }

    [Theory, MemberData(nameof(Weights))]
    public void Weights_that_are_all_0_have_values_and_gradients(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var (bits, kernels) in from bits in new[] { 1, 4 } from kernels in new[] { false, true } select (bits, kernels))
        {
            Tensor w = zeros(3, 8).requires_grad_();
            using var quantization = new WeightQuantization(new(bits, WeightScale.All.Single(scale => scale.Name == name)), w) { UseKernels = kernels };
            QuantizedTensor quantized = quantization.forward(w);
            quantized.Value.sum().backward();

            Assert.True(quantized.Value.isfinite().all().item<bool>());
            Assert.All(quantization.parameters().Append(w), parameter => Assert.True(parameter.grad!.isfinite().all().item<bool>()));
        }
    }

    [Theory, MemberData(nameof(Weights))]
    public void What_finds_the_start_is_released(string name)
    {
        using var scope = NewDisposeScope();
        Tensor w = randn(4, 100);
        var quantizer = new WeightQuantizer(4, WeightScale.All.Single(scale => scale.Name == name));
        long before = scope.DisposablesCount;

        using var quantization = new WeightQuantization(quantizer, w);

        Assert.Equal(before, scope.DisposablesCount);
    }

    [Fact]
    public void Quantizers_are_equal_by_name_and_are_names_in_JSON()
    {
        var (weights, activation) = (new WeightQuantizer(4, WeightScale.Shifted, PerChannel: false), new ActivationQuantizer(4, Scale: ActivationScale.LearnedLog));
        string json = JsonSerializer.Serialize(weights);

        Assert.Contains("\"Scale\":\"shifted\"", json);
        Assert.Equal(weights, JsonSerializer.Deserialize<WeightQuantizer>(json));
        Assert.Equal(activation, JsonSerializer.Deserialize<ActivationQuantizer>(JsonSerializer.Serialize(activation)));
        Assert.Contains("shifted", Assert.Throws<GraphException>(() => JsonSerializer.Deserialize<WeightScale>("\"shifty\"")).Message);
    }

    [Fact]
    public void The_scheme_of_learned_scales_keeps_its_name_in_configurations()
    {
        Assert.Equal(["learned", "bnn_pynq"], KeyNames.Choices(typeof(QuantizationScheme)).Keys);
    }
}
