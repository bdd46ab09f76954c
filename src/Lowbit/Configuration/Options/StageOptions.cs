using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Lowbit.Configuration;

/// <summary>One stage of a run that reaches few bits from more.</summary>
[Shorthand(nameof(Bits), "[float, 8, 4, 2]")]
public sealed record StageOptions
{
    /// <summary>What <see cref="Bits"/> says where nothing is quantized.</summary>
    internal const string Float = "float";

    /// <summary>The least bits of its weights and activations, or float: no quantization.</summary>
    [AllowedValues(Float, "1", "2", "3", "4", "5", "6", "7", "8")] public required string Bits { get; init; }

    /// <summary>How many of <c>training.epochs</c> it has; by default stages share evenly what others leave.</summary>
    [Range(1, 1_000_000)] public int? Epochs { get; init; }

    /// <summary>Its highest learning rate; by default <c>optimizer.learning_rate</c> in the first stage and half of that in the others.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)] public double? LearningRate { get; init; }

    /// <summary>Its bits as a number; null where nothing is quantized.</summary>
    internal int? BitWidth => Bits == Float ? null : int.Parse(Bits, CultureInfo.InvariantCulture);

    /// <summary>The stage as YAML.</summary>
    public override string ToString()
    {
        if (Epochs is null && LearningRate is null) return Bits;
        string epochs = Epochs is { } count ? $", epochs: {ConfigurationWriter.Text(count)}" : "";
        return $"{{bits: {Bits}{epochs}{(LearningRate is { } rate ? $", learning_rate: {ConfigurationWriter.Text(rate)}" : "")}}}";
    }
}
