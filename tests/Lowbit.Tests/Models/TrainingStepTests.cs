using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Models;

public class TrainingStepTests
{
    const int Images = 2, Classes = 10;

    /// <summary>One of each family.</summary>
    public static TheoryData<string, int> Families =>
        [.. from name in new[] { "cnv", "mobilenetv1", "resnet20", "resnet18", "vgg11" } from bits in new[] { 32, 4 } select (NameOf(name, bits), bits)];

    /// <summary>Every model, the quantized ones at the usual bit width and at the extremes.</summary>
    public static TheoryData<string, int> All =>
        [.. from name in ModelZoo.Names where !ModelZoo.IsQuantized(name) from bits in new[] { 32, 1, 4, 8 } select (NameOf(name, bits), bits)];

    [Theory, MemberData(nameof(Families))]
    public void A_model_of_every_family_trains_a_step(string name, int bits) => TrainStep(name, bits);

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests)), MemberData(nameof(All))]
    public void Every_model_trains_a_step(string name, int bits) => TrainStep(name, bits);

    static void TrainStep(string name, int bits)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Graph graph = GraphOf(name, bits), asFloat = GraphOf(name.Replace(ModelZoo.QuantizedPrefix, "", StringComparison.Ordinal), bits);
        using var network = new Network(graph);
        using var optimizer = Optimizer.Create(network, new() { LearningRate = 1e-3 });
        Assert.Equal(Summary.Of(graph).Parameters, network.Parameters.Sum(entry => entry.Parameter.numel()));
        Assert.Equal(Summary.Of(asFloat).Parameters,
            network.Parameters.Where(entry => !network.IsQuantizerParameter(entry.Name)).Sum(entry => entry.Parameter.numel()));

        network.train();
        Tensor logits = network.forward(randint(0, 256, [Images, 3, 32, 32], dtype: uint8));
        Assert.Equal([Images, Classes], logits.shape);
        Tensor loss = Losses.Create(new())(logits, tensor(new long[] { 3, 7 }));
        Assert.True(double.IsFinite(loss.item<float>()), $"the loss is {loss.item<float>()}");
        loss.backward();
        foreach (var (parameter, tensor) in network.Parameters)
            Assert.True(tensor.grad is null || tensor.grad.isfinite().all().item<bool>(), $"the gradient of {parameter} is not finite");
        Assert.All(network.Parameters.Where(entry => !network.IsQuantizerParameter(entry.Name)),   // thresholds learn after their statistics
            entry => Assert.True(entry.Parameter.grad is not null, $"{entry.Name} has no gradient"));

        optimizer.Step(1e-3);
        network.AfterStep();
        network.eval();
        using var _ = no_grad();
        Assert.True(network.forward(randint(0, 256, [1, 3, 32, 32], dtype: uint8)).isfinite().all().item<bool>(), "the logits after the step are not finite");
    }

    static Graph GraphOf(string name, int bits) =>
        ModelZoo.Build(new(name, new Shape(3, 32, 32), Classes), new() { WeightBitWidth = Math.Min(bits, 8), ActivationBitWidth = Math.Min(bits, 8) });

    static string NameOf(string name, int bits) => bits == 32 ? name : ModelZoo.QuantizedPrefix + name;
}
