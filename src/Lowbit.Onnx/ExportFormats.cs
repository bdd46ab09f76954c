using Lowbit.Export.Writing;
using Lowbit.Graphs;

namespace Lowbit.Export;

/// <summary>The format of an exported file.</summary>
public enum ExportFormat
{
    /// <summary>ONNX with the operators Quant, BipolarQuant and Trunc of QONNX, which FINN, hls4ml and others read.</summary>
    Qonnx,

    /// <summary>Standard ONNX with QuantizeLinear, Clip and DequantizeLinear, which ONNX Runtime runs.</summary>
    Qcdq,

    /// <summary>Standard ONNX in which quantizers are Div, Round, Clip and Mul of float values, for tools without operators of quantization.</summary>
    Elementary,
}

/// <summary>All formats: what each is called on the command line, and what writes the quantizers in it.</summary>
public static class ExportFormats
{
    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<(ExportFormat Format, string Name, string Purpose)> All { get; } =
    [
        (ExportFormat.Qonnx, "qonnx", "for hardware compilers"),
        (ExportFormat.Qcdq, "qcdq", "(standard ONNX) for ONNX Runtime"),
        (ExportFormat.Elementary, "elementary", "(Div, Round, Clip, Mul) for tools without operators of quantization"),
    ];

    /// <summary>What writes a network's quantizers. One without any becomes the same plain ONNX in all formats.</summary>
    /// <exception cref="LowbitException">The format has no such opset.</exception>
    internal static IQuantizedForm FormOf(Graph graph, ExportOptions options)
    {
        bool isStandard = options.Format == ExportFormat.Qcdq || !graph.IsQuantized;
        if (options.Opset is { } asked && (!isStandard || asked is not (QcdqForm.OldVersion or QcdqForm.FourBitVersion)))
            throw new LowbitException($"A file cannot be written in opset {asked}: the format qcdq is in {QcdqForm.OldVersion} or {QcdqForm.FourBitVersion}, others are always in {QcdqForm.OldVersion}");
        if (isStandard) return new QcdqForm(options.Opset ?? QcdqForm.SmallestVersion(graph));
        return options.Format == ExportFormat.Qonnx ? new QonnxForm(options) : new ElementaryForm();
    }
}
