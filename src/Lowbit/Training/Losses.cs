using Lowbit.Configuration;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Lowbit.Training;

/// <summary>What training makes smaller: one value from logits [N, classes] and labels int64 [N].</summary>
public delegate Tensor Loss(Tensor logits, Tensor labels);

/// <summary>The losses by name. Those of PyTorch have PyTorch's values; the ones that take a target for each output get one-hot labels.</summary>
public static class Losses
{
    /// <summary>The loss that the options describe.</summary>
    public static Loss Create(LossOptions options) => options.Name switch
    {
        LossKind.CrossEntropy => (logits, labels) =>
            F.cross_entropy(logits, labels, Like(options.Weight, logits), options.IgnoreIndex, nn.Reduction.Mean, options.LabelSmoothing),
        LossKind.Nll => Create(options with { Name = LossKind.CrossEntropy, LabelSmoothing = 0 }),
        LossKind.Mse => (logits, labels) => F.mse_loss(logits, OneHot(logits, labels)),
        LossKind.L1 => (logits, labels) => F.l1_loss(logits, OneHot(logits, labels)),
        LossKind.SmoothL1 => (logits, labels) => F.smooth_l1_loss(logits, OneHot(logits, labels), nn.Reduction.Mean, options.Beta),
        LossKind.Bce => (logits, labels) => F.binary_cross_entropy(logits.sigmoid(), OneHot(logits, labels)),
        LossKind.BceWithLogits => (logits, labels) =>
            F.binary_cross_entropy_with_logits(logits, OneHot(logits, labels), pos_weights: Like(options.PosWeight, logits)),
        LossKind.KlDiv => (logits, labels) => KlDivergence(logits, OneHot(logits, labels), options),
        LossKind.SqrHinge => SquaredHinge,
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Name, null),
    };

    /// <summary>Refuses options that do not suit a network.</summary>
    /// <exception cref="ConfigurationException">Weights are given for another number of classes.</exception>
    public static void RequireClasses(LossOptions options, int classes)
    {
        foreach (var (key, weights) in new[] { ("weight", options.Weight), ("pos_weight", options.PosWeight) })
            if (weights is not null && weights.Count != classes)
                throw new ConfigurationException([$"loss.{key} has {weights.Count} numbers; it must have one for each of the {classes} classes"]);
    }

    /// <summary>Mean of max(0, 1 - t y)^2 with t = +1 for the right class, -1 for the others; as BNN-PYNQ's networks are trained.</summary>
    static Tensor SquaredHinge(Tensor logits, Tensor labels)
    {
        Tensor targets = OneHot(logits, labels) * CachedScalar.Of(2) - CachedScalar.Of(1);
        return (targets * logits - CachedScalar.Of(1)).clamp_max(CachedScalar.Of(0)).pow(CachedScalar.Of(2)).mean();
    }

    static Tensor KlDivergence(Tensor logits, Tensor targets, LossOptions options)
    {
        // The logarithm of 0 would make 0 times infinity: the smallest number stands for it.
        Tensor target = options.LogTarget ? targets.clamp_min(CachedScalar.Of(1e-38)).log() : targets;
        Tensor sum = F.kl_div(F.log_softmax(logits, 1), target, options.LogTarget, nn.Reduction.Sum);
        return options.Reduction switch
        {
            LossReduction.Batchmean => sum / CachedScalar.Of(logits.shape[0]),
            LossReduction.Mean => sum / CachedScalar.Of(logits.NumberOfElements),
            _ => sum,
        };
    }

    static Tensor OneHot(Tensor logits, Tensor labels) =>
        labels.unsqueeze(1).eq(arange(CachedScalar.Of(0), CachedScalar.Of(logits.shape[1]), CachedScalar.Of(1), device: labels.device)).to(logits.dtype);

    static Tensor? Like(IReadOnlyList<double>? values, Tensor logits) =>
        values is null ? null : tensor(values.ToArray(), dtype: logits.dtype, device: logits.device);
}
