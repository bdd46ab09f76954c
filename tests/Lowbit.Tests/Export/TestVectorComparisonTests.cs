using Lowbit.Export;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

public sealed class TestVectorComparisonTests : IDisposable
{
    readonly OnnxFile file = new([0, 2]);
    readonly string vectors = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.safetensors");
    readonly Tensor images = tensor(new float[,] { { 1, 2 }, { 4, 3 } });

    public TestVectorComparisonTests() => file.Constant("ten", [], 10).Node("Mul", "x ten").Save();

    public void Dispose()
    {
        file.Dispose();
        File.Delete(vectors);
    }

    [Fact]
    public void Logits_that_are_the_same_agree()
    {
        var comparison = Compare(("x", images), ("eval_logits", images.mul(CachedScalar.Of(10))));
        Assert.Equal(new(2, 0, 2), comparison);
        Assert.True(comparison.Agrees);
    }

    [Fact]
    public void A_difference_is_a_fraction_of_the_largest_logit()
    {
        var comparison = Compare(("x", images), ("eval_logits", images.mul(CachedScalar.Of(10)).add(tensor(new float[,] { { 0, 0 }, { -20, 0 } }), CachedScalar.Of(1))));
        Assert.Equal(new(2, 20.0 / 30, 1), comparison);
        Assert.False(comparison.Agrees);
    }

    [Theory]
    [InlineData(1e-6, true)]
    [InlineData(1e-4, false)]
    public void The_bound_is_1e_5(double difference, bool agrees) =>
        Assert.Equal(agrees, Compare(("x", images), ("eval_logits", images.to(float64).mul(CachedScalar.Of(10)).add(CachedScalar.Of(40 * difference), CachedScalar.Of(1)))).Agrees);

    /// <summary>1.5 - 1e-6 and 2.5 + 1e-6 round to 1 and 3; single precision may well say 2 of either, and what follows differs by a whole step.</summary>
    [Theory]
    [InlineData(2, 3, 1, true)]
    [InlineData(1, 2, 1, true)]
    [InlineData(2, 2, 0, false)]
    [InlineData(0, 3, 0, false)]
    [InlineData(1, 3, 0, true)]
    public void An_image_that_hangs_on_one_rounding_tie_is_counted_apart(double first, double second, int ties, bool agrees)
    {
        using var quantized = new OnnxFile([0, 2]);
        quantized.Constant("s", [], 1).Constant("z", [], 0).Constant("b", [], 4)
            .Node("Quant", "x s z b", "y", "qonnx.custom_op.general", ("signed", 1), ("narrow", 0)).Save();
        Safetensors.Write(vectors, [("x", tensor(new float[,] { { 1.499999f, 2.500001f } })), ("eval_logits", tensor(new[,] { { first, second } }))]);
        using var network = OnnxNetwork.Load(quantized.Path);
        var comparison = TestVectorComparison.Of(network, vectors);
        Assert.Equal((ties, agrees), (comparison.Ties, comparison.Agrees));
    }

    [Fact]
    public void Vectors_that_do_not_fit_are_refused()
    {
        Assert.Contains("holds no eval_logits", Refusal(("x", images)));
        Assert.Contains("holds no x", Refusal(("eval_logits", images)));
        Assert.Contains("[images, classes] is expected", Refusal(("x", images), ("eval_logits", ones(3, 2))));
        Assert.Contains("gives 2 logits", Refusal(("x", images), ("eval_logits", ones(2, 3))));
        Assert.Contains("takes images of shape [2], not [3]", Refusal(("x", ones(2, 3)), ("eval_logits", ones(2, 2))));
        Assert.Contains("not numbers", Refusal(("x", images), ("eval_logits", images.div(CachedScalar.Of(0)))));
        Assert.Contains("holds no images", Refusal(("x", ones(0, 2)), ("eval_logits", ones(0, 2))));
    }

    string Refusal(params (string, Tensor)[] tensors) => Assert.Throws<LowbitException>(() => Compare(tensors)).Message;

    TestVectorComparison Compare(params (string, Tensor)[] tensors)
    {
        Safetensors.Write(vectors, tensors);
        using var network = OnnxNetwork.Load(file.Path);
        return TestVectorComparison.Of(network, vectors);
    }
}
