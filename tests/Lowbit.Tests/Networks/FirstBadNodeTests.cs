using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>An evaluation that gives no number says where in the network it began.</summary>
public sealed class FirstBadNodeTests : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("conv2.weight", double.NaN, "the value of conv2 (conv) is NaN at [0, 0, ", "because conv2.weight is NaN at [0, 0, 0, 0]")]
    [InlineData("bn1.running_var", -1, "the value of bn1 (batch norm) is NaN", "because bn1.running_var is -1 at [0], which cannot be negative")]
    [InlineData("linear1.bias", double.PositiveInfinity, "the value of linear1 (linear) is Infinity at [0, 0]", "because linear1.bias is Infinity")]
    [InlineData("quant1.threshold.value", 0, "the value of quant1 (quantize) is NaN", "because quant1.threshold.value is 0")]
    public void The_first_node_is_named_with_what_stands_there(string parameter, double value, string node, string cause)
    {
        using Network network = Small();
        Tensor first = network.State.First(entry => entry.Name == parameter).Tensor;
        while (first.dim() > 0) first = first[0];
        using (no_grad()) first.fill_(CachedScalar.Of(value));

        string message = Assert.Throws<LowbitException>(() => Evaluation.Of(network, [Images()], Losses.Create(new()))).Message;

        Assert.Contains(node, message);
        Assert.Contains(cause, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Finite_numbers_whose_products_are_too_large_are_told_from_those_that_stand_there()
    {
        using Network network = Small();
        using (no_grad()) network.State.First(entry => entry.Name == "conv2.weight").Tensor.fill_(CachedScalar.Of(3e38));

        string message = Assert.Throws<LowbitException>(() => Evaluation.Of(network, [Images()], Losses.Create(new()))).Message;

        Assert.Contains("the value of conv2 (conv) is Infinity at [0, 0, ", message);
        Assert.Contains("from inputs and parameters that are numbers", message);
    }

    [Fact]
    public void A_loss_that_is_no_number_for_logits_that_are_is_told_to_be_the_losses()
    {
        using Network network = Small();
        var loss = Losses.Create(new LossOptions { Weight = [0, 0, 0] });
        Assert.Contains("in the loss itself", Assert.Throws<LowbitException>(() => Evaluation.Of(network, [Images()], loss)).Message);
        Assert.Contains("from the loss itself", Assert.Throws<LowbitException>(() => Evaluation.Of(network.forward, [Images()], loss, CPU)).Message);
    }

    [Fact]
    public void Networks_of_others_are_told_of_their_logits() => Assert.Contains("a logit is NaN at [0, 0]", Assert.Throws<LowbitException>(() =>
        Evaluation.Of(images => full(images.shape[0], 3, CachedScalar.Of(double.NaN)), [Images()], Losses.Create(new()), CPU)).Message);

    [Fact]
    public void Nothing_of_the_network_changes_while_the_node_is_looked_for()
    {
        using Network network = Small();
        network.train();
        var before = network.State.Select(entry => entry.Tensor.clone()).ToArray();
        FirstBadNode.Of(network, Images().Images);
        Assert.True(network.training);
        Assert.All(network.State.Zip(before), pair => Assert.True(pair.First.Tensor.equal(pair.Second).all().item<bool>(), pair.First.Name));
    }

    static Batch Images() => new(0, randint(1, 256, [4, 1, 8, 8], dtype: uint8), tensor(new long[] { 0, 1, 2, 0 }));

    static Network Small()
    {
        var network = new Network(new GraphBuilder(new Shape(1, 8, 8)).Conv(4, kernel: 3).BatchNorm().Relu().Quantize(new ActivationQuantizer(4))
            .Conv(4, kernel: 3).BatchNorm().Relu().GlobalAveragePool().Flatten().Linear(3).ToGraph());
        network.eval();
        return network;
    }
}
