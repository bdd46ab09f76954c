namespace Lowbit.Configuration;

/// <summary>A run as a YAML file describes it: which dataset, which network of the zoo and how it is quantized, and how it is trained.</summary>
public sealed record RunConfiguration : RunOptions
{
    /// <summary>The images to train on.</summary>
    public DatasetOptions Dataset { get; init; } = new();

    /// <summary>The network.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>How far a quantized network is quantized.</summary>
    public QuantizationOptions Quantization { get; init; } = new();
}
