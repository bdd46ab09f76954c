namespace Lowbit.Export;

/// <summary>The program that is to read an exported file.</summary>
public enum ExportTarget
{
    /// <summary>Any reader of the format.</summary>
    Any,

    /// <summary>The FINN compiler (development branch, finn-plus).</summary>
    Finn,

    /// <summary>FINN up to its release 0.10, which knows version 1 of QONNX's operators only.</summary>
    Finn010,

    /// <summary>hls4ml, whose reader knows no Trunc and no AveragePool: a truncated mean becomes a convolution and a Quant.</summary>
    Hls4ml,

    /// <summary>ONNX Runtime, for standard ONNX: weights have their own bits in the file.</summary>
    OnnxRuntime,

    /// <summary>OpenVINO, for standard ONNX: weights have 4 or 8 bits in the file.</summary>
    OpenVino,
}

/// <summary>Where batch norms are in a standard ONNX file.</summary>
public enum BatchNormForm
{
    /// <summary>
    /// In the scales of weights and in int32 biases, so that engines compute in integers. Few integers differ by one from the network's, where a bias in units of the
    /// products steps elsewhere; they are counted.
    /// </summary>
    Fold,

    /// <summary>Nodes of their own, in float: the file gives the network's integers exactly, and engines compute its convolutions in float.</summary>
    Keep,
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

    /// <summary>The tool that the file is for.</summary>
    public ExportTarget Target { get; init; } = ExportTarget.Any;

    /// <summary>Whether the normalization of the images is part of the file.</summary>
    public ExportInput Input { get; init; } = ExportInput.Pixels;

    /// <summary>Images that the file takes at a time, 1 or more; null leaves the number open, which FINN does not read.</summary>
    public int? Batch { get; init; } = 1;

    /// <summary>Whether a QONNX file holds the weights as their quantizers leave them, rather than as training stores them.</summary>
    public bool QuantizedWeights { get; init; }

    /// <summary>
    /// Version of the standard operators in a standard ONNX file with <see cref="BatchNormForm.Keep"/>: 13, which every runtime knows, or 21, which has integers of 4 bits.
    /// Null takes 21 where it makes the file smaller. A folded file has the version that its weights need.
    /// </summary>
    public int? Opset { get; init; }

    /// <summary>Where batch norms are in a standard ONNX file; a network with float parts or zero points keeps them, and so does one whose folded file is not kept.</summary>
    public BatchNormForm BatchNorm { get; init; } = BatchNormForm.Fold;

    /// <summary>How a folded file holds weights; null for the smallest form that the target computes in integers.</summary>
    public WeightStorage? Weights { get; init; }

    /// <summary>More entries for the file's metadata, such as the names of the classes or the accuracy.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
