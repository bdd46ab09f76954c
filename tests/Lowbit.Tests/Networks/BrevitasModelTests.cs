using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>Whole networks, in double precision from Brevitas's own states: logits, loss, every gradient and the running statistics.</summary>
public class BrevitasModelTests
{
    const double LogitTolerance = 1e-6;
    const double GradientTolerance = 1e-5;

    public static IEnumerable<TheoryDataRow<string>> Models => BrevitasModels.Names.Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Models))]
    public void A_reference_model_evaluates_and_trains_as_in_Brevitas(string name)
    {
        using var scope = NewDisposeScope();
        var file = GoldenFiles.Tensors(name);
        Tensor x = file["x"].to(float64);
        var state = Section(file, "state/");
        using var network = new Network(BrevitasModels.Build(name, new Shape((int)x.shape[1], (int)x.shape[2], (int)x.shape[3]), state));
        network.to(float64);
        Assert.True(BrevitasState.Import(network, state).IsComplete);

        network.eval();
        using (no_grad()) Close.Assert(file["eval_logits"], network.forward(x), LogitTolerance, "evaluation's logits");

        network.train();
        Tensor logits = network.forward(x);
        Tensor loss = name.StartsWith("cnv", StringComparison.Ordinal)
            ? SquaredHinge(logits, file["labels"])
            : nn.functional.cross_entropy(logits, file["labels"]);
        loss.backward();

        Close.Assert(file["train_logits"], logits, LogitTolerance, "training's logits");
        Close.Assert(file["train_loss"], loss, LogitTolerance, "the loss");
        var parameters = network.Parameters.ToDictionary(p => p.Name, p => p.Parameter);
        foreach (var (parameter, gradient) in Section(file, "grad/"))
            Close.Assert(gradient, parameters[OurName(parameter)].grad!, GradientTolerance, $"the gradient of {parameter}");
        var after = network.State.ToDictionary(s => s.Name, s => s.Tensor);
        foreach (var (buffer, value) in Section(file, "after/"))
            Close.Assert(value, after[buffer], LogitTolerance, $"{buffer} after the pass");
    }

    static Tensor SquaredHinge(Tensor logits, Tensor labels)
    {
        Tensor target = nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype).mul(CachedScalar.Of(2)).sub(CachedScalar.Of(1));
        Tensor missing = nn.functional.relu(ones_like(logits) - target * logits);
        return (missing * missing).mean();
    }

    static string OurName(string brevitas) => string.Join('.', BrevitasNames.Split(brevitas).Node, BrevitasNames.Split(brevitas).Parameter);

    static Dictionary<string, Tensor> Section(Dictionary<string, Tensor> file, string prefix) =>
        file.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
}
