using System.ComponentModel.DataAnnotations;
using Lowbit.Models;

namespace Lowbit.Configuration;

/// <summary>The network.</summary>
public sealed record ModelOptions
{
    /// <summary>Which network of the zoo; <c>quant_</c> before its name makes it the quantized one.</summary>
    public required string Name { get; init; }

    /// <summary>Classes to tell apart; by default as many as the dataset has.</summary>
    [Range(2, 1_000_000)] public int? NumClasses { get; init; }

    /// <summary>Channels of the images that it takes; by default those of the dataset. Images are converted as by <c>dataset.channels</c>.</summary>
    [AllowedValues(null, 1, 3)] public int? InChannels { get; init; }

    /// <summary>MobileNet's width multiplier: all channels times this.</summary>
    [OnlyFor("mobilenetv1", "mobilenetv2", "quant_mobilenetv1", "quant_mobilenetv2"), Range(0.05, 8.0)] public double Width { get; init; } = 1;

    /// <summary>How the network begins.</summary>
    [OnlyFor("mobilenetv1", "mobilenetv2", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
        "quant_mobilenetv1", "quant_mobilenetv2", "quant_resnet18", "quant_resnet34", "quant_resnet50", "quant_resnet101", "quant_resnet152")]
    public Stem Stem { get; init; } = Stem.Auto;

    /// <summary>A checkpoint whose weights to start from; float weights start a quantized network, too. By default weights start at random.</summary>
    public string? Pretrained { get; init; }
}
