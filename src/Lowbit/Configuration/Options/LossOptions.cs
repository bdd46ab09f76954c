using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>What training makes smaller.</summary>
public sealed record LossOptions
{
    /// <summary>Which loss.</summary>
    public LossKind Name { get; init; } = LossKind.CrossEntropy;

    /// <summary>How much of the target is spread evenly over all classes.</summary>
    [OnlyFor(LossKind.CrossEntropy), Range(0.0, 1.0)] public double LabelSmoothing { get; init; }

    /// <summary>How much each class counts, one number a class; by default all count the same.</summary>
    [OnlyFor(LossKind.CrossEntropy, LossKind.Nll), Range(0.0, 1e6), NotAllZero] public IReadOnlyList<double>? Weight { get; init; }

    /// <summary>A label whose images do not count.</summary>
    [OnlyFor(LossKind.CrossEntropy, LossKind.Nll), Range(-1_000_000, 1_000_000)] public int IgnoreIndex { get; init; } = -100;

    /// <summary>The error at which squares give way to absolute values.</summary>
    [OnlyFor(LossKind.SmoothL1), Range(1e-6, 1e6)] public double Beta { get; init; } = 1;

    /// <summary>How much the positive answer of each class counts, one number a class; by default 1.</summary>
    [OnlyFor(LossKind.BceWithLogits), Range(0.0, 1e6), NotAllZero] public IReadOnlyList<double>? PosWeight { get; init; }

    /// <summary>How the values of a batch become one.</summary>
    [OnlyFor(LossKind.KlDiv)] public LossReduction Reduction { get; init; } = LossReduction.Batchmean;

    /// <summary>Whether targets are logarithms of probabilities.</summary>
    [OnlyFor(LossKind.KlDiv)] public bool LogTarget { get; init; }
}

/// <summary>The losses.</summary>
public enum LossKind
{
    /// <summary>Cross entropy of the softmax.</summary>
    CrossEntropy,

    /// <summary>Negative logarithm of the right class's probability; of log_softmax(logits).</summary>
    Nll,

    /// <summary>Mean squared error against one-hot labels.</summary>
    Mse,

    /// <summary>Mean absolute error against one-hot labels.</summary>
    L1,

    /// <summary>Squares of small errors, absolute values of large ones, against one-hot labels.</summary>
    SmoothL1,

    /// <summary>Binary cross entropy of sigmoid(logits), one against the rest.</summary>
    Bce,

    /// <summary>Binary cross entropy of the logits, one against the rest.</summary>
    BceWithLogits,

    /// <summary>Kullback-Leibler divergence of log_softmax(logits) from one-hot labels.</summary>
    KlDiv,

    /// <summary>Mean of max(0, 1 - t y)^2 with t = +1 for the right class, -1 for the others.</summary>
    SqrHinge,
}

/// <summary>How the values of a batch become one.</summary>
public enum LossReduction
{
    /// <summary>Their sum over the number of images.</summary>
    Batchmean,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
