using System.Text.Json.Nodes;
using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

public class LossTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Golden["cases"]!.AsArray().Count)];

    static JsonNode Golden => GoldenFiles.Json("training")["losses"]!;

    [Theory, MemberData(nameof(Cases))]
    public void A_loss_has_the_value_and_the_gradient_that_PyTorch_gives_it(int index)
    {
        using var scope = NewDisposeScope();
        JsonNode golden = Golden, @case = golden["cases"]![index]!;
        Tensor logits = Matrix(golden["logits"]!).requires_grad_();
        Tensor labels = tensor(golden["labels"]!.AsArray().Select(label => (long)label!).ToArray());

        Tensor loss = Losses.Create(Options(@case)).Invoke(logits, labels);
        loss.backward();

        Close.Assert(tensor((double)@case["loss"]!), loss, 1e-6, "the loss");
        Close.Assert(Matrix(@case["grad"]!), logits.grad!, 1e-6, "the gradient");
    }

    [Theory]
    [InlineData(LossReduction.Mean, 4 * 3)]
    [InlineData(LossReduction.Batchmean, 4)]
    public void Reductions_of_the_divergence_divide_its_sum(LossReduction reduction, int divisor)
    {
        using var scope = NewDisposeScope();
        Tensor logits = randn(4, 3), labels = tensor(new long[] { 0, 1, 2, 1 });
        double sum = KlDivergence(LossReduction.Sum)(logits, labels).item<float>();

        Assert.Equal(sum / divisor, KlDivergence(reduction)(logits, labels).item<float>(), 1e-5);
    }

    [Fact]
    public void Targets_as_logarithms_leave_the_divergence_as_it_is()
    {
        using var scope = NewDisposeScope();
        Tensor logits = randn(4, 3), labels = tensor(new long[] { 0, 1, 2, 1 });
        Loss logarithmic = Losses.Create(new() { Name = LossKind.KlDiv, LogTarget = true });

        Assert.Equal(KlDivergence(LossReduction.Batchmean)(logits, labels).item<float>(), logarithmic(logits, labels).item<float>(), 1e-5);
    }

    [Fact]
    public void Weights_for_another_number_of_classes_are_refused()
    {
        Losses.RequireClasses(new() { Weight = [1, 2, 3] }, classes: 3);

        Assert.Contains("loss.weight has 3 numbers", Assert.Throws<ConfigurationException>(() => Losses.RequireClasses(new() { Weight = [1, 2, 3] }, classes: 10)).Message);
    }

    static Loss KlDivergence(LossReduction reduction) => Losses.Create(new() { Name = LossKind.KlDiv, Reduction = reduction });

    static LossOptions Options(JsonNode @case)
    {
        JsonNode options = @case["options"]!;
        var defaults = new LossOptions();
        return new()
        {
            Name = Enum.Parse<LossKind>(((string)@case["name"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
            LabelSmoothing = (double?)options["label_smoothing"] ?? defaults.LabelSmoothing,
            Weight = Numbers(options["weight"]),
            IgnoreIndex = (int?)options["ignore_index"] ?? defaults.IgnoreIndex,
            Beta = (double?)options["beta"] ?? defaults.Beta,
            PosWeight = Numbers(options["pos_weight"]),
            Reduction = options["reduction"] is { } reduction ? Enum.Parse<LossReduction>((string)reduction!, ignoreCase: true) : defaults.Reduction,
            LogTarget = (bool?)options["log_target"] ?? defaults.LogTarget,
        };
    }

    static double[]? Numbers(JsonNode? list) => list?.AsArray().Select(value => (double)value!).ToArray();

    static Tensor Matrix(JsonNode rows) =>
        stack(rows.AsArray().Select(row => tensor(Numbers(row!)!))).detach();
}
