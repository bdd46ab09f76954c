using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>How long to train, in what portions.</summary>
public sealed record TrainingOptions
{
    /// <summary>Images a step. One image that remains at the end of an epoch joins the batch before it.</summary>
    [Range(1, 1_000_000)] public int BatchSize { get; init; } = 128;

    /// <summary>How often every training image is seen.</summary>
    [Range(1, 1_000_000)] public int Epochs { get; init; } = 200;

    /// <summary>
    /// Epochs from one evaluation on the test images to the next, where there are validation images (<c>dataset.val_split</c>), which are
    /// evaluated every epoch; without them the test images are. The last epoch evaluates both.
    /// </summary>
    [Range(1, 1_000_000)] public int TestFrequency { get; init; } = 10;

    /// <summary>
    /// Whether Lowbit's fast kernels compute what they can of a quantized network. Without them it is plain torch operations: the reference, slower, with
    /// the same values but for rounding.
    /// </summary>
    public bool UseKernels { get; init; } = true;
}
