namespace Lowbit.Export;

/// <summary>The program that is to read an exported QONNX file.</summary>
public enum ExportTarget
{
    /// <summary>Any reader of QONNX.</summary>
    Any,

    /// <summary>The FINN compiler (development branch, finn-plus).</summary>
    Finn,

    /// <summary>FINN up to its release 0.10, which knows version 1 of QONNX's operators only.</summary>
    Finn010,

    /// <summary>hls4ml, whose reader knows no Trunc and no AveragePool: a truncated mean becomes a convolution and a Quant.</summary>
    Hls4ml,
}

/// <summary>What an exported file takes.</summary>
public enum ExportInput
{
    /// <summary>Raw pixels, 0 to 255; the dataset's normalization is part of the file.</summary>
    Pixels,

    /// <summary>Images that were normalized before.</summary>
    Normalized,
}

/// <summary>How a network is written to a file.</summary>
public sealed record ExportOptions
{
    /// <summary>The name that the file's input has.</summary>
    public const string InputName = "input";

    /// <summary>The name that the file's output has.</summary>
    public const string OutputName = "logits";

    /// <summary>The format. A network without quantizers becomes the same plain ONNX in either.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Qonnx;

    /// <summary>The reader that a QONNX file is for.</summary>
    public ExportTarget Target { get; init; } = ExportTarget.Any;

    /// <summary>Whether the normalization of the images is part of the file.</summary>
    public ExportInput Input { get; init; } = ExportInput.Pixels;

    /// <summary>Images that the file takes at a time, 1 or more; null leaves the number open, which FINN does not read.</summary>
    public int? Batch { get; init; } = 1;

    /// <summary>Whether a QONNX file holds the weights as their quantizers leave them, rather than as training stores them.</summary>
    public bool QuantizedWeights { get; init; }

    /// <summary>
    /// Version of the standard operators in a standard ONNX file: 13, which every runtime knows, or 21, which has integers of 4 bits. Null takes 21 where
    /// it makes the file smaller.
    /// </summary>
    public int? Opset { get; init; }

    /// <summary>More entries for the file's metadata, such as the names of the classes or the accuracy.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
