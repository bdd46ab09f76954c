namespace Lowbit.Configuration;

/// <summary>Curves for TensorBoard.</summary>
public sealed record TensorboardOptions
{
    /// <summary>Whether event files are written.</summary>
    public bool Enabled { get; init; }

    /// <summary>Where to; by default the folder tensorboard in the run's own. <c>~</c> and <c>${VARIABLE}</c> are expanded.</summary>
    [Path] public string? LogDir { get; init; }
}
