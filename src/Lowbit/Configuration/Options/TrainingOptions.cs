using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>How long to train, in what portions.</summary>
public sealed record TrainingOptions
{
    /// <summary>Images a step. One image that remains at the end of an epoch joins the batch before it.</summary>
    [Range(1, 1_000_000)] public int BatchSize { get; init; } = 128;

    /// <summary>How often every training image is seen.</summary>
    [Range(1, 1_000_000), MayChangeOnResume(ChangesTraining = true)] public int Epochs { get; init; } = 200;

    /// <summary>
    /// Ends training after this many epochs without a better accuracy, of the validation images where there are some, else of the test images; in a run of stages
    /// each of them. By default all epochs are trained.
    /// </summary>
    [Range(1, 1_000_000), MayChangeOnResume(ChangesTraining = true)] public int? Patience { get; init; }

    /// <summary>
    /// Minutes to spend: at the start the speed of 50 steps and of the evaluation decides how many epochs fit, at least one and <c>training.epochs</c> at most. That number takes the place
    /// of <c>training.epochs</c> in config.yaml and in the checkpoints, so that a continued run keeps it. By default time has no part in it.
    /// </summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)] public double? MaxMinutes { get; init; }

    /// <summary>
    /// Epochs from one evaluation on the test images to the next, where there are validation images (<c>dataset.val_split</c>), which are
    /// evaluated every epoch; without them the test images are. The last epoch evaluates both.
    /// </summary>
    [Range(1, 1_000_000)] public int TestFrequency { get; init; } = 10;

    /// <summary>
    /// How much a running average of weights, learned scales and batch norms' statistics keeps in a step, such as 0.999; in the first steps (1 + steps) / (10 + steps) where that is less. The averaged network is
    /// evaluated, kept as best and exported. 0 for none. Polyak and Juditsky 1992; Tarvainen and Valpola 2017.
    /// </summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)] public double EmaDecay { get; init; }

    /// <summary>
    /// Batches of training images from which the statistics of batch norms are estimated anew before each evaluation, as the mean over the batches; they are what is evaluated, kept and exported. 0 takes the
    /// running ones of training. Nagel et al. 2022, "Overcoming Oscillations in Quantization-Aware Training".
    /// </summary>
    [Range(0, 1_000_000)] public int BatchNormBatches { get; init; }

    /// <summary>
    /// Whether Lowbit's fast kernels compute what they can of a quantized network on the CPU. Without them it is plain torch operations: the reference, slower, with
    /// the same values but for rounding.
    /// </summary>
    public bool UseKernels { get; init; } = true;
}
