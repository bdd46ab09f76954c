using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>
/// Against weights that jump to and fro between two levels, in layers whose weights have 4 bits or fewer and are not normalized: freezing and dampening. Nagel et al. 2022, "Overcoming Oscillations in Quantization-Aware Training".
/// </summary>
public sealed record OscillationOptions
{
    /// <summary>
    /// How often a weight may oscillate at the end of training, as oscillations a step, such as 0.01; one that does so more often is frozen at its mean level. 0 freezes none.
    /// </summary>
    [Range(0.0, 1.0)] public double FreezeThreshold { get; init; }

    /// <summary>The same at the beginning, from which it goes to <c>freeze_threshold</c> along half a cosine wave; by default four times that.</summary>
    [OnlyWith(nameof(FreezeThreshold)), Range(0.0, 1.0, MinimumIsExclusive = true)] public double? FreezeThresholdStart { get; init; }

    /// <summary>How much a step counts in the running means of a weight's oscillations and of its level.</summary>
    [OnlyWith(nameof(FreezeThreshold)), Range(0.0, 1.0, MinimumIsExclusive = true)] public double FreezeMomentum { get; init; } = 0.01;

    /// <summary>What the sum of squared distances of weights from their levels is multiplied by at the end of training, and added to the loss, such as 0.001. 0 adds nothing.</summary>
    [Range(0.0, 1e6)] public double Dampening { get; init; }

    /// <summary>The same at the beginning, from which it goes to <c>dampening</c> along half a cosine wave.</summary>
    [OnlyWith(nameof(Dampening)), Range(0.0, 1e6)] public double DampeningStart { get; init; }
}
