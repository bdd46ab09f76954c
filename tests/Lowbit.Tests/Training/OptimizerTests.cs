using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

public class OptimizerTests
{
    public static TheoryData<OptimizerKind, double, bool> Choices => new()
    {
        { OptimizerKind.Sgd, 0, false }, { OptimizerKind.Sgd, 0.9, false }, { OptimizerKind.Sgd, 0.9, true },
        { OptimizerKind.Adam, 0, false }, { OptimizerKind.Adamw, 0, false },
    };

    [Theory, MemberData(nameof(Choices))]
    public void Steps_are_those_of_TorchSharp_s_own_optimizer(OptimizerKind kind, double momentum, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Name = kind, LearningRate = 0.05, Momentum = momentum, Nesterov = nesterov, WeightDecay = 0.01, ClipNorm = 0, LastLayerClipNorm = 0, ClipRatio = 0 };
        using Network ours = SmallNetwork(), theirs = SmallNetwork();
        StateReport.Load(theirs, ours.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        using Optimizer optimizer = Optimizer.Create(ours, options);
        using optim.Optimizer reference = Reference(theirs, options);

        for (int step = 0; step < 5; step++)
        {
            using var inner = NewDisposeScope();
            Tensor images = randn(4, 1, 8, 8), labels = tensor(new long[] { 0, 1, 2, 1 });
            optimizer.ZeroGrad();
            Losses.Create(new()).Invoke(ours.forward(images), labels).backward();
            optimizer.Step(0.05);
            theirs.zero_grad();
            Losses.Create(new()).Invoke(theirs.forward(images), labels).backward();
            reference.step();
        }

        foreach (var (expected, actual) in theirs.State.Zip(ours.State)) Close.Assert(expected.Tensor, actual.Tensor, 1e-5, actual.Name);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(2.0, 2)]
    [InlineData(0.0, 50)]
    [InlineData(60.0, 50)]
    public void A_gradient_that_is_longer_than_allowed_keeps_its_direction(double? clip, double length)
    {
        using var scope = NewDisposeScope();
        using Network network = SmallNetwork();
        foreach (var (_, parameter) in network.Parameters) parameter.grad = randn_like(parameter);
        double norm = Norm(network.Parameters.Select(entry => entry.Parameter.grad!));
        foreach (var (_, parameter) in network.Parameters) parameter.grad!.mul_(CachedScalar.Of(50 / norm));
        Tensor[] before = [.. network.Parameters.Select(entry => entry.Parameter.detach().clone())], gradients = [.. network.Parameters.Select(entry => entry.Parameter.grad!.clone())];
        using Optimizer optimizer = Optimizer.Create(network, new() { WeightDecay = 0, Momentum = 0, ClipNorm = clip, LastLayerClipNorm = 0, ClipRatio = 0 });

        optimizer.Step(1);

        Tensor[] moved = [.. network.Parameters.Zip(before).Select(pair => pair.Second - pair.First.Parameter)];
        Assert.Equal(length, Norm(moved), 0.01);
        foreach (var (move, gradient) in moved.Zip(gradients)) Close.Assert(gradient.mul(CachedScalar.Of(length / 50)), move, 1e-4, "a step");
    }

    [Theory]
    [InlineData(null, 0.5)]
    [InlineData(2.0, 2)]
    [InlineData(0.0, 3)]
    public void The_gradient_of_the_last_layer_has_a_limit_of_its_own(double? clip, double length)
    {
        using var scope = NewDisposeScope();
        using Network network = SmallNetwork();
        Assert.Equal(
            [("linear1.weight", length), ("conv1.weight", 4)],
            Moves(network, new() { ClipNorm = 0, ClipRatio = 0, LastLayerClipNorm = clip }, ("linear1.weight", 3), ("conv1.weight", 4)));
    }

    [Theory]
    [InlineData(null, 0.5)]
    [InlineData(0.2, 0.2)]
    [InlineData(0.0, 2)]
    public void The_gradient_of_any_other_layer_is_limited_by_the_size_of_its_weights(double? clip, double ratio)
    {
        using var scope = NewDisposeScope();
        using Network network = SmallNetwork();
        double size = Norm([Parameter(network, "conv1.weight")]), last = 9 * Norm([Parameter(network, "linear1.weight")]);
        Assert.Equal(
            [("conv1.weight", Math.Round(ratio * size, 4)), ("bn1.weight", 3), ("linear1.weight", Math.Round(last, 4))],
            Moves(network, new() { ClipNorm = 0, ClipRatio = clip, LastLayerClipNorm = 0 }, ("conv1.weight", 2 * size), ("bn1.weight", 3), ("linear1.weight", last)));
    }

    /// <summary>Adam's first step is the rate, whatever the gradient; its second shows whether the first gradient was limited.</summary>
    [Fact]
    public void Adam_has_no_limits_of_layers_by_default()
    {
        using var scope = NewDisposeScope();
        using Network one = SmallNetwork(), other = SmallNetwork();
        StateReport.Load(other, one.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        OptimizerOptions open = new() { Name = OptimizerKind.Adam, ClipNorm = 0 };
        using Optimizer left = Optimizer.Create(one, open), none = Optimizer.Create(other, open with { ClipRatio = 0, LastLayerClipNorm = 0 });
        foreach (double gradient in new[] { 100.0, 0.01 })
            foreach (var (network, optimizer) in new[] { (one, left), (other, none) })
            {
                foreach (var (_, parameter) in network.Parameters) parameter.grad = full_like(parameter, CachedScalar.Of(gradient));
                optimizer.Step(0.1);
            }
        foreach (var (expected, actual) in other.State.Zip(one.State)) Assert.True(expected.Tensor.Equals(actual.Tensor), actual.Name);
    }

    /// <summary>How far a step of rate 1 moves the first value of parameters, all other gradients 0.</summary>
    static (string Name, double Move)[] Moves(Network network, OptimizerOptions options, params (string Name, double Gradient)[] gradients)
    {
        foreach (var (_, parameter) in network.Parameters) parameter.grad = zeros_like(parameter);
        foreach (var (name, gradient) in gradients) Parameter(network, name).grad!.flatten()[0] = tensor((float)gradient);
        float[] before = [.. gradients.Select(entry => First(entry.Name))];
        using Optimizer optimizer = Optimizer.Create(network, options with { WeightDecay = 0, Momentum = 0 });
        optimizer.Step(1);
        return [.. gradients.Zip(before, (entry, value) => (entry.Name, Math.Round(value - First(entry.Name), 4)))];

        float First(string name) => Parameter(network, name).flatten()[0].item<float>();
    }

    static TorchSharp.Modules.Parameter Parameter(Network network, string name) => network.Parameters.Single(entry => entry.Name == name).Parameter;

    [Fact]
    public void Weights_that_are_all_0_are_moved_nevertheless()
    {
        using var scope = NewDisposeScope();
        using Network network = SmallNetwork();
        Tensor conv = Parameter(network, "conv1.weight");
        using (no_grad()) conv.zero_();
        foreach (var (_, parameter) in network.Parameters) parameter.grad = ones_like(parameter);
        using Optimizer optimizer = Optimizer.Create(network, new());

        optimizer.Step(1);

        Assert.True(Norm([conv]) > 0);
    }

    static double Norm(IEnumerable<Tensor> tensors) => Math.Sqrt(tensors.Sum(tensor => tensor.to(float64).pow(CachedScalar.Of(2)).sum().item<double>()));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weight_decay_reaches_the_thresholds_of_quantizers_only_when_asked(bool decayScales)
    {
        using var scope = NewDisposeScope();
        using var network = new Network(SmallNetwork().Graph.Quantize(new() { CollectStatisticsSteps = 1 }));
        foreach (var (_, parameter) in network.Parameters) parameter.grad = zeros_like(parameter);
        Dictionary<string, Tensor> before = network.Parameters.ToDictionary(entry => entry.Name, entry => entry.Parameter.detach().clone());
        using Optimizer optimizer = Optimizer.Create(network, new() { WeightDecay = 0.1, Momentum = 0, DecayScales = decayScales });

        optimizer.Step(1);

        Assert.Contains(network.Parameters, entry => network.IsQuantizerParameter(entry.Name));
        foreach (var (name, parameter) in network.Parameters)
        {
            Tensor expected = network.IsQuantizerParameter(name) && !decayScales ? before[name] : before[name].mul(CachedScalar.Of(0.9));
            Close.Assert(expected, parameter, 1e-6, name);
        }
    }

    [Theory]
    [InlineData(true, true, true), InlineData(false, true, false), InlineData(true, false, false), InlineData(false, false, false)]
    public void Weight_decay_draws_weights_and_what_else_it_is_told_to(bool norms, bool biases, bool scales)
    {
        using var scope = NewDisposeScope();
        using var network = QuantizedNetwork();
        foreach (var (_, parameter) in network.Parameters) parameter.grad = zeros_like(parameter);
        foreach (var (name, parameter) in network.Parameters.Where(entry => entry.Name.EndsWith(".bias"))) using (no_grad()) parameter.fill_(CachedScalar.Of(1));
        Dictionary<string, Tensor> before = network.Parameters.ToDictionary(entry => entry.Name, entry => entry.Parameter.detach().clone());
        using Optimizer optimizer = Optimizer.Create(network, new() { WeightDecay = 0.1, Momentum = 0, DecayNorms = norms, DecayBiases = biases, DecayScales = scales });

        optimizer.Step(1);

        string[] left = [.. network.Parameters.Where(entry => entry.Parameter.equal(before[entry.Name]).all().item<bool>()).Select(entry => entry.Name)];
        Assert.Equal(network.Parameters.Select(entry => entry.Name).Where(name => name switch
        {
            "conv1.weight" or "linear1.weight" => false,
            "bn1.weight" or "bn1.bias" => !norms,
            "linear1.bias" => !biases,
            _ => !scales,
        }), left);
    }

    [Fact]
    public void Every_parameter_is_of_one_kind()
    {
        using var network = QuantizedNetwork();
        Dictionary<string, ParameterKind> kinds = network.Parameters.ToDictionary(entry => entry.Name, entry => network.KindOf(entry.Name));

        Assert.Equal([ParameterKind.Weight, ParameterKind.Norm, ParameterKind.Norm, ParameterKind.Weight, ParameterKind.Bias],
            new[] { "conv1.weight", "bn1.weight", "bn1.bias", "linear1.weight", "linear1.bias" }.Select(name => kinds[name]));
        Assert.All(kinds, entry => Assert.Equal(network.IsQuantizerParameter(entry.Key), entry.Value == ParameterKind.Scale));
        Assert.Contains(kinds, entry => entry.Value == ParameterKind.Scale && entry.Key.StartsWith("conv1.", StringComparison.Ordinal));   // a scale of weights
    }

    [Theory, MemberData(nameof(Choices))]
    public void Learned_scales_move_by_their_own_learning_rate(OptimizerKind kind, double momentum, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Name = kind, Momentum = momentum, Nesterov = nesterov, ClipNorm = 0, LastLayerClipNorm = 0, ClipRatio = 0 };
        using Network one = QuantizedNetwork(), tenth = QuantizedNetwork();
        StateReport.Load(tenth, one.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        Dictionary<string, Tensor> before = one.Parameters.ToDictionary(entry => entry.Name, entry => entry.Parameter.detach().clone());
        using Optimizer usual = Optimizer.Create(one, options), slow = Optimizer.Create(tenth, options with { ScaleRateFactor = 0.1 });
        for (int step = 0; step < 3; step++) Step(one, usual);
        for (int step = 0; step < 3; step++) Step(tenth, slow);

        foreach (var ((name, parameter), slower) in one.Parameters.Zip(tenth.Parameters))
            if (one.KindOf(name) == ParameterKind.Scale) Close.Assert((parameter - before[name]).mul(CachedScalar.Of(0.1)), slower.Parameter - before[name], 1e-4, name);
            else Assert.True(parameter.equal(slower.Parameter).all().item<bool>(), name);
    }

    [Theory, MemberData(nameof(Choices))]
    public void An_optimizer_goes_on_from_the_state_of_another(OptimizerKind kind, double momentum, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Name = kind, Momentum = momentum, Nesterov = nesterov };
        using Network first = SmallNetwork(), second = SmallNetwork();
        using Optimizer before = Optimizer.Create(first, options), after = Optimizer.Create(second, options);
        Step(first, before);
        StateReport.Load(second, first.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));
        after.Load(before.State.ToDictionary(entry => entry.Name, entry => entry.Tensor));

        Step(first, before);
        Step(second, after);

        foreach (var (expected, actual) in first.State.Zip(second.State)) Assert.True(expected.Tensor.equal(actual.Tensor).all().item<bool>(), actual.Name);
    }

    static void Step(Network network, Optimizer optimizer)
    {
        foreach (var (_, parameter) in network.Parameters) parameter.grad = ones_like(parameter);
        optimizer.Step(0.1);
    }

    static optim.Optimizer Reference(Network network, OptimizerOptions options) => options.Name switch
    {
        OptimizerKind.Sgd => optim.SGD(network.parameters(), options.LearningRate, options.Momentum, 0, options.WeightDecay, options.Nesterov),
        OptimizerKind.Adam => optim.Adam(network.parameters(), options.LearningRate, weight_decay: options.WeightDecay),
        _ => optim.AdamW(network.parameters(), options.LearningRate, weight_decay: options.WeightDecay),
    };

    static Network QuantizedNetwork() => new(SmallNetwork().Graph.Quantize(new() { CollectStatisticsSteps = 1, WeightScale = WeightScale.Learned }));

    static Network SmallNetwork() => new(new GraphBuilder(new Shape(1, 8, 8)).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(3).ToGraph());
}
