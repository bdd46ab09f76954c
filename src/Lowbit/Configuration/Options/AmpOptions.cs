namespace Lowbit.Configuration;

/// <summary>Automatic mixed precision: layers of float models compute in bfloat16.</summary>
public sealed record AmpOptions
{
    /// <summary>Whether float models compute in bfloat16; quantized ones never do.</summary>
    public bool Enabled { get; init; }
}
