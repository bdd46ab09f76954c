using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>The errors of kernels and of plain operations, batch by batch.</summary>
sealed class ErrorSum
{
    /// <summary>Relative errors of one batch; both at least a thousandth of float32's unit roundoff, below which nothing is measured.</summary>
    readonly List<(double Kernels, double Plain)> batches = [];

    const double UnitRoundoff = 6e-8, Floor = UnitRoundoff / 1000;

    public double Kernels => RootMeanSquare(batches.Select(batch => batch.Kernels));

    public double Plain => RootMeanSquare(batches.Select(batch => batch.Plain));

    /// <summary>
    /// The kernels' error to that of plain operations: the geometric mean of the batches. Where a channel's few values are nearly equal, its variance magnifies the errors of
    /// that one batch a hundredfold, by chance in this sum or in that; such a batch would decide a ratio of sums.
    /// </summary>
    public double Ratio => batches.Count == 0 ? 1 : Math.Exp(batches.Average(batch => Math.Log(batch.Kernels / batch.Plain)));

    /// <summary>The kernels' largest error in a batch, to that of plain operations there or, where these are nearly exact, to float32's unit roundoff.</summary>
    public double Worst => batches.Select(batch => batch.Kernels / Math.Max(batch.Plain, UnitRoundoff)).DefaultIfEmpty(0).Max();

    public void Add(Tensor expected, Tensor byKernels, Tensor byPlain, double? terms = null)
    {
        double size = terms ?? Norm(expected), kernels = Norm(byKernels.to(float64) - expected), plain = Norm(byPlain.to(float64) - expected);
        Assert.All([size, kernels, plain], number => Assert.True(double.IsFinite(number)));
        if (size > 0) batches.Add((Math.Max(kernels / size, Floor), Math.Max(plain / size, Floor)));
        else Assert.Equal(0, kernels);
    }

    public static ErrorSum Over(IEnumerable<ErrorSum> sums)
    {
        var all = new ErrorSum();
        all.batches.AddRange(sums.SelectMany(sum => sum.batches));
        return all;
    }

    static double RootMeanSquare(IEnumerable<double> errors) => Math.Sqrt(errors.Select(error => error * error).DefaultIfEmpty(0).Average());

    static double Norm(Tensor x) => x.detach().norm().item<double>();
}

/// <summary>The errors of each step of a network, while a float64 network learns.</summary>
sealed class StepErrors
{
    readonly Network teacher, exact, plain, kernels;
    readonly Dictionary<(string, string), ErrorSum> errors = [];
    readonly Graph graph;

    StepErrors(Graph graph)
    {
        this.graph = graph;
        (teacher, exact, plain, kernels) = (new(graph, useKernels: false), new(graph, useKernels: false), new(graph, useKernels: false), new(graph));
        Draw(teacher);
        var state = teacher.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach (Network network in new[] { exact, plain, kernels }) StateReport.Load(network, state).RequireComplete("the teacher");
        teacher.to(float64);
        exact.to(float64);
    }

    /// <summary>Draws weights and biases anew, from a generator that no other test draws from.</summary>
    static void Draw(Network network)
    {
        using var _ = no_grad();
        using var chance = new Generator(2);
        foreach (var (_, parameter) in network.Parameters.Where(entry => network.KindOf(entry.Name) is ParameterKind.Weight or ParameterKind.Bias))
            parameter.copy_(randn(parameter.shape, generator: chance).div_(CachedScalar.Of(Math.Sqrt((double)parameter.numel() / parameter.size(0)))));
    }

    /// <summary>By step and by what was computed: a value, a gradient, a norm.</summary>
    public IReadOnlyDictionary<(string Step, string Quantity), ErrorSum> Errors => errors;

    /// <summary>Values that kernels alone rounded to another integer than float64, and those that plain operations alone did.</summary>
    public (long ByKernels, long ByPlain) RoundedOtherwise { get; private set; }

    /// <summary>The errors over some batches of random images.</summary>
    public static StepErrors Of(Graph graph, int batches, int batch)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(1);
        var run = new StepErrors(graph);
        Shape input = ((Input)graph.Nodes[0]).Shape;
        for (int i = 0; i < batches; i++)
        {
            using var step = NewDisposeScope();
            run.Batch(
                rand([batch, input.Channels, input.Height, input.Width], generator: chance).mul(CachedScalar.Of(255)),
                randint(0, 10, [batch], ScalarType.Int64, generator: chance));
        }
        return run;
    }

    void Batch(Tensor images, Tensor labels)
    {
        Share();
        var values = new Dictionary<int, QuantizedTensor> { [0] = new(images.round().to(float64)) };
        foreach (Step step in teacher.Steps)
        {
            foreach (var (node, value) in step.Nodes.Zip(step.Run([.. step.Inputs.Select(input => values[input])])))
            {
                values[node] = value;
                if (value.Value.requires_grad) value.Value.retain_grad();
            }
        }
        nn.functional.cross_entropy(values[graph.Nodes.Length - 1].Value, labels).backward();
        foreach (Step step in kernels.Steps) Compare(step, values);
        Learn();
    }

    void Compare(Step step, Dictionary<int, QuantizedTensor> values)
    {
        using var scope = NewDisposeScope();
        string name = graph.Nodes[step.Nodes[0]].Name;
        bool collecting = kernels.modules().OfType<ActivationQuantization>().Any(quantization => quantization.IsCollecting);
        QuantizedTensor[] inputs = [.. step.Inputs.Select(input => Rounded(values[input]))];
        var (y, x) = Run(exact, step, inputs, float64);
        var (byPlain, plainX) = Run(plain, step, inputs, float32);
        var (byKernels, kernelsX) = Run(kernels, step, inputs, float32);
        if (kernels.Graph.Nodes[step.Nodes[0]] is Quantize) Norm(step, inputs[0].Value, name);

        Tensor mask = ones_like(y[0].Value);
        for (int i = 0; i < y.Length; i++) mask *= Compare(graph.Nodes[step.Nodes[i]].Name, y[i], byPlain[i], byKernels[i], collecting);
        Tensor?[] above = [.. step.Nodes.Select(node => values[node].Value.grad)];
        if (collecting || !y[0].Value.requires_grad || above.Contains(null)) return;

        // Where a value was rounded the other way, the gradients are those of another function.
        Tensor[] dy = [.. above.Select(gradient => gradient! * mask)], single = [.. dy.Select(gradient => gradient.to(float32))];
        autograd.backward([.. y.Select(value => value.Value)], dy);
        autograd.backward([.. byPlain.Select(value => value.Value)], single);
        autograd.backward([.. byKernels.Select(value => value.Value)], single);
        for (int i = 0; i < x.Length; i++) Sum(name, "gradient of the input").Add(x[i].grad!, kernelsX[i].grad!, plainX[i].grad!);
        foreach (var ((parameter, e), (_, p), (_, k)) in exact.Parameters.Zip(plain.Parameters, kernels.Parameters))
        {
            if (e.grad is null) continue;
            double? terms = e.dim() == 0 ? dy.Sum(gradient => gradient.norm().item<double>()) : null;   // the terms of a scale's gradient nearly cancel
            Sum(parameter, "gradient of " + parameter[(parameter.LastIndexOf('.') + 1)..]).Add(e.grad, k.grad!, p.grad!, terms);
        }
        foreach (Network network in new[] { exact, plain, kernels }) network.zero_grad();
    }

    /// <summary>Compares one value of a step; gives 1 where all three were rounded to the same integer.</summary>
    Tensor Compare(string name, QuantizedTensor y, QuantizedTensor byPlain, QuantizedTensor byKernels, bool collecting)
    {
        if (y.Scale is not { } scale)
        {
            Sum(name, "value").Add(y.Value.detach(), byKernels.Value.detach(), byPlain.Value.detach());
            return ones_like(y.Value);
        }
        Tensor Level(QuantizedTensor value) => (value.Value.to(float64) / value.Scale!.to(float64)).round();
        Tensor samePlain = Level(y).eq(Level(byPlain)), sameKernels = Level(y).eq(Level(byKernels));
        RoundedOtherwise = (RoundedOtherwise.ByKernels + Count(samePlain & ~sameKernels), RoundedOtherwise.ByPlain + Count(sameKernels & ~samePlain));
        if (collecting) Sum(name, "scale").Add(scale.detach(), byKernels.Scale!.detach(), byPlain.Scale!.detach());
        return (samePlain & sameKernels).to(float64);
    }

    /// <summary>The normalized values before they are rounded, which show the error that roundings hide.</summary>
    unsafe void Norm(Step step, Tensor x, string name)
    {
        if (graph.Nodes.Skip(1).Take(step.Nodes[0]).OfType<BatchNorm>().LastOrDefault(norm => graph.IndexOf(norm.From) == step.Inputs[0]) is not { } norm) return;
        var state = kernels.StateOf(norm.Name).ToDictionary(entry => entry.Name, entry => entry.Tensor.detach());
        var parameters = new NormParameters(state["weight"], state["bias"], state["running_mean"].clone(), state["running_var"].clone(), norm.Momentum, norm.Epsilon);
        Tensor rows = DenseMemory.ChannelsLast(x), byKernels = empty_like(rows);
        NormalizedRows<RoundToScale> normalized = FusedNormalizeFunction<RoundToScale>.Affine(parameters, ChannelStatistics.Of(rows), rows);
        float* from = DenseMemory.Pointer(rows), to = DenseMemory.Pointer(byKernels);
        for (long i = 0; i < rows.numel(); i++) to[i] = normalized.Normalized(from[i], i);
        Tensor Plain(ScalarType type) => nn.functional.batch_norm(rows.to(type), parameters.RunningMean.to(type), parameters.RunningVariance.to(type), state["weight"].to(type), state["bias"].to(type), true, norm.Momentum, norm.Epsilon);
        Sum(name, "norm").Add(Plain(float64), byKernels, Plain(float32));
    }

    /// <summary>A step's values from its inputs, by whatever steps the network has for the nodes in between.</summary>
    static (QuantizedTensor[] Y, Tensor[] X) Run(Network network, Step step, QuantizedTensor[] inputs, ScalarType type)
    {
        Tensor[] x = [.. inputs.Select(input => input.Value.to(type, copy: true).detach().requires_grad_())];
        var values = new Dictionary<int, QuantizedTensor>();
        for (int i = 0; i < x.Length; i++) values[step.Inputs[i]] = inputs[i] with { Value = x[i], Scale = inputs[i].Scale?.to(type) };
        foreach (Step part in network.Steps.Where(part => part.Nodes.Any(node => node <= step.Nodes.Max() && IsPart(network, node, step))))
            foreach (var (node, value) in part.Nodes.Zip(part.Run([.. part.Inputs.Select(input => values[input])]))) values[node] = value;
        return ([.. step.Nodes.Select(node => values[node])], x);
    }

    /// <summary>Whether a node's value is needed for a step's, and is not among its inputs.</summary>
    static bool IsPart(Network network, int node, Step step)
    {
        HashSet<int> needed = [.. step.Nodes];
        foreach (Step part in network.Steps.Reverse())
            if (part.Nodes.Any(needed.Contains)) needed.UnionWith(part.Inputs.Except(step.Inputs));
        return needed.Contains(node);
    }

    static QuantizedTensor Rounded(QuantizedTensor value) => value with
    {
        Value = DenseMemory.ChannelsLast(value.Value.detach().to(float32)),
        Scale = value.Scale?.detach().to(float32),
    };

    static long Count(Tensor flags) => flags.sum().item<long>();

    ErrorSum Sum(string step, string quantity)
    {
        if (!errors.TryGetValue((step, quantity), out ErrorSum? sum)) errors.Add((step, quantity), sum = new());
        return sum;
    }

    /// <summary>Gives all networks the parameters that the teacher has in float32.</summary>
    void Share()
    {
        using var _ = no_grad();
        foreach (var ((_, t), (_, e), (_, p), k) in teacher.Parameters.Zip(exact.Parameters, plain.Parameters).Zip(kernels.Parameters, (three, four) => (three.First, three.Second, three.Third, four.Parameter)))
        {
            t.copy_(t.to(float32));
            foreach (Tensor other in new Tensor[] { e, p, k }) other.copy_(t);
        }
    }

    void Learn()
    {
        using var _ = no_grad();
        foreach (var (_, parameter) in teacher.Parameters)
            if (parameter.grad is { } gradient) parameter.sub_(gradient.mul(CachedScalar.Of(0.05)));
        teacher.zero_grad();
        teacher.AfterStep();
    }
}
