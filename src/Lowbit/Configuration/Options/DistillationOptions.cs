using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>A trained network whose answers a run learns from, beside the labels. Hinton et al. 2015, "Distilling the Knowledge in a Neural Network".</summary>
public sealed record DistillationOptions
{
    /// <summary>
    /// A run folder or checkpoint of the network to learn from, float or quantized, which takes the same images and tells the same classes apart; of a run the best checkpoint. By default there is none.
    /// <c>~</c> and <c>${VARIABLE}</c> are expanded.
    /// </summary>
    [Path, MayChangeOnResume(ChangesTraining = true, OnlyIfSet = true)] public string? Teacher { get; init; }

    /// <summary>What the logits of both networks are divided by before the softmax: a higher one makes more of the probabilities of the other classes.</summary>
    [OnlyWith(nameof(Teacher)), Range(0.01, 1000.0)] public double Temperature { get; init; } = 4;

    /// <summary>
    /// How much the teacher counts: the loss is (1 - weight) * loss + weight * temperature^2 * KL, with KL the mean over images of the Kullback-Leibler divergence of softmax(network / temperature) from
    /// softmax(teacher / temperature).
    /// </summary>
    [OnlyWith(nameof(Teacher)), Range(0.0, 1.0)] public double Weight { get; init; } = 0.5;
}
