using Lowbit.Configuration;
using Lowbit.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Adam: m and v are running means of g and g^2, w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps). Weight decay is part of g (Kingma
/// and Ba 2014, "Adam: A Method for Stochastic Optimization") or, in AdamW, shrinks w by rate * decay (Loshchilov and Hutter 2017,
/// "Decoupled Weight Decay Regularization"). t counts the steps of each parameter, since those of quantizers may be learned later.
/// </summary>
sealed class Adam(Network network, OptimizerOptions options) : Optimizer(network, options)
{
    readonly Dictionary<string, Moments> moments = [];

    readonly double beta1 = options.Betas[0];
    readonly double beta2 = options.Betas[1];

    public override IEnumerable<(string Name, Tensor Tensor)> State => moments.SelectMany(entry => new[]
    {
        ($"{entry.Key}.mean", entry.Value.Mean), ($"{entry.Key}.square", entry.Value.Square), ($"{entry.Key}.steps", entry.Value.Steps),
    });

    private protected override IReadOnlyList<string> Kinds { get; } = [".mean", ".square", ".steps"];

    private protected override void Take(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (string name in state.Keys.Where(name => name.EndsWith(".mean", StringComparison.Ordinal)).Select(name => name[..^".mean".Length]))
            moments[name] = new(Copy(state[$"{name}.mean"]), Copy(state[$"{name}.square"]), Copy(state[$"{name}.steps"]));
    }

    private protected override void Update(string name, Tensor parameter, Tensor gradient, double learningRate, double weightDecay)
    {
        if (!moments.TryGetValue(name, out Moments? moment))
            moments[name] = moment = new(Copy(zeros_like(gradient)), Copy(zeros_like(gradient)), Copy(zeros([], int64)));
        if (weightDecay != 0)
        {
            using Scalar shrinking = (1 - learningRate * weightDecay).ToScalar();
            if (Options.Name == OptimizerKind.Adamw) parameter.mul_(shrinking);
            else gradient.add_(parameter, alpha: CachedScalar.Of(weightDecay));
        }
        moment.Steps.add_(CachedScalar.Of(1), alpha: CachedScalar.Of(1));
        long t = moment.Steps.item<long>();
        moment.Mean.mul_(CachedScalar.Of(beta1)).add_(gradient, alpha: CachedScalar.Of(1 - beta1));
        moment.Square.mul_(CachedScalar.Of(beta2)).addcmul_(gradient, gradient, CachedScalar.Of(1 - beta2));
        using Scalar correction = Math.Sqrt(1 - Math.Pow(beta2, t)).ToScalar(), step = (-learningRate / (1 - Math.Pow(beta1, t))).ToScalar();
        Tensor divisor = (moment.Square.sqrt() / correction).add_(CachedScalar.Of(Options.Eps), alpha: CachedScalar.Of(1));
        parameter.addcdiv_(moment.Mean, divisor, step);
    }

    static Tensor Copy(Tensor tensor) => tensor.clone().DetachFromDisposeScope();

    sealed record Moments(Tensor Mean, Tensor Square, Tensor Steps);
}
