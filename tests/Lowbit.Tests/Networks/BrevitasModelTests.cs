using Lowbit.Graphs;
using Lowbit.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>Whole networks, in double precision from Brevitas's own states: logits, loss, every gradient and the running statistics.</summary>
public class BrevitasModelTests
{
    const double LogitTolerance = 1e-6;
    const double GradientTolerance = 1e-5;

    public static IEnumerable<TheoryDataRow<string?>> Models => BrevitasModels.Names.Select(name => new TheoryDataRow<string?>(name));

    [Theory, MemberData(nameof(Models))]
    public void A_reference_model_evaluates_and_trains_as_in_Brevitas(string? name)
    {
        GoldenFiles.SkipIfAbsent();
        using var scope = NewDisposeScope();
        var file = GoldenFiles.Tensors(name!);
        Tensor x = file["x"].to(float64);
        var state = Section(file, "state/");
        using var network = new Network(BrevitasModels.Build(name!, new Shape((int)x.shape[1], (int)x.shape[2], (int)x.shape[3]), state));
        network.to(float64);
        Load(network, state);

        network.eval();
        using (no_grad()) Close.Assert(file["eval_logits"], network.forward(x), LogitTolerance, "evaluation's logits");

        network.train();
        Tensor logits = network.forward(x);
        Tensor loss = name!.StartsWith("cnv", StringComparison.Ordinal)
            ? SquaredHinge(logits, file["labels"])
            : nn.functional.cross_entropy(logits, file["labels"]);
        loss.backward();

        Close.Assert(file["train_logits"], logits, LogitTolerance, "training's logits");
        Close.Assert(file["train_loss"], loss, LogitTolerance, "the loss");
        var parameters = network.Parameters.ToDictionary(p => p.Name, p => p.Parameter);
        foreach (var (parameter, gradient) in Section(file, "grad/"))
            Close.Assert(gradient, parameters[BrevitasModels.OurName(parameter)].grad!, GradientTolerance, $"the gradient of {parameter}");
        var after = network.State.ToDictionary(s => s.Name, s => s.Tensor);
        foreach (var (buffer, value) in Section(file, "after/"))
            Close.Assert(value, after[buffer], LogitTolerance, $"{buffer} after the pass");
    }

    static Tensor SquaredHinge(Tensor logits, Tensor labels)
    {
        Tensor target = nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype) * 2 - 1;
        return nn.functional.relu(1 - target * logits).square().mean();
    }

    static Dictionary<string, Tensor> Section(Dictionary<string, Tensor> file, string prefix) =>
        file.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);

    /// <summary>Copies a Brevitas state into ours; the parameters of shared quantizers are there several times, those of batch counters not in ours.</summary>
    static void Load(Network network, Dictionary<string, Tensor> state)
    {
        using var _ = no_grad();
        var ours = network.State.ToDictionary(s => s.Name, s => s.Tensor);
        foreach (var (name, value) in state)
            if (ours.Remove(BrevitasModels.OurName(name), out Tensor? target)) target.copy_(value.reshape(target.shape));
        Assert.DoesNotContain(ours.Keys, name => !name.EndsWith("threshold.running", StringComparison.Ordinal) && !name.EndsWith("threshold.batches", StringComparison.Ordinal));
    }
}
