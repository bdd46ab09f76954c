using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>Where random numbers start: weights, order of the images, augmentation. The same seeds give the same run.</summary>
public sealed record SeedOptions
{
    /// <summary>Whether runs repeat; false draws a new seed for every run.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The seed of weights, order and augmentation.</summary>
    [Range(0, int.MaxValue)] public int Value { get; init; } = 42;

    /// <summary>
    /// Whether the same seeds must give the same bits: then training stays on the CPU even where there is a GPU, which adds up in another order every time.
    /// </summary>
    public bool Deterministic { get; init; }

    /// <summary>The seed of what is drawn while the validation images are evaluated; by default the one after <c>seed.value</c>.</summary>
    [Range(0, int.MaxValue)] public int? ValSeed { get; init; }

    /// <summary>The seed of what is drawn while the test images are evaluated; by default the second after <c>seed.value</c>.</summary>
    [Range(0, int.MaxValue)] public int? TestSeed { get; init; }
}
