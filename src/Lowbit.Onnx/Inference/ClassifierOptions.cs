using Lowbit.Export;
using Lowbit.Graphs;

namespace Lowbit.Inference;

/// <summary>What a file may leave open about how it is used.</summary>
public sealed record ClassifierOptions
{
    /// <summary>How an ONNX file is run.</summary>
    public OnnxRunOptions Onnx { get; init; } = new();

    /// <summary>What an ONNX file expects of the pixels. Where it is <see cref="PixelScaling.Normalized"/> and the file does not say by what, by ImageNet's mean and deviation.</summary>
    public PixelScaling Input { get; init; } = PixelScaling.Automatic;

    /// <summary>The shape of one image, channels first, where an ONNX file leaves it open; null where it does not.</summary>
    public Shape? ImageShape { get; init; }

    /// <summary>A text file with the name of a class in each line, in the order of the network's outputs; null for the names that the network has itself.</summary>
    public string? ClassNames { get; init; }
}
