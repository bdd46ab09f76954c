namespace Lowbit.Configuration;

/// <summary>What is shown while training.</summary>
public sealed record ProgressOptions
{
    /// <summary>Whether progress within an epoch is shown; each epoch's result always is.</summary>
    public bool Enabled { get; init; } = true;
}
