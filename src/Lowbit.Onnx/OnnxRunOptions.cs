namespace Lowbit.Export;

/// <summary>How an ONNX file is run.</summary>
public sealed record OnnxRunOptions
{
    /// <summary>What runs it.</summary>
    public OnnxEngine Engine { get; init; } = OnnxEngine.Automatic;

    /// <summary>
    /// The name of the output to read; null for the only one, or the one that has as many values for each image as there are classes.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>What it may take.</summary>
    public OnnxBudget Budget { get; init; } = OnnxBudget.Default;
}
