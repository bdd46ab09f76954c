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

    /// <summary>Standard ONNX in which quantizers are Div, Round, Clip and Mul of float values, for readers without operators of quantization.</summary>
    Elementary,
}

/// <summary>The list of all formats: what each is called on the command line, and what writes the quantizers in it.</summary>
static class ExportFormats
{
    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<(ExportFormat Format, string Name, string Purpose, Func<Graph, ExportOptions, IQuantizedForm> Form)> All { get; } =
    [
        (ExportFormat.Qonnx, "qonnx", "for hardware compilers", (_, options) => new QonnxForm(options)),
        (ExportFormat.Qcdq, "qcdq", "(standard ONNX) for ONNX Runtime", Standard),
        (ExportFormat.Elementary, "elementary", "(Div, Round, Clip, Mul) for readers without operators of quantization", (_, _) => new ElementaryForm()),
    ];

    /// <summary>What writes a network's quantizers. One without any becomes the same plain ONNX in all formats.</summary>
    /// <exception cref="LowbitException">The format has no such opset.</exception>
    public static IQuantizedForm FormOf(Graph graph, ExportOptions options)
    {
        var format = All.First(entry => entry.Format == options.Format);
        bool isStandard = format.Form == Standard || !graph.IsQuantized;
        if (options.Opset is { } asked && (!isStandard || asked is not (QcdqForm.OldVersion or QcdqForm.FourBitVersion)))
            throw new LowbitException($"A file cannot be written in opset {asked}: the format qcdq is in {QcdqForm.OldVersion} or {QcdqForm.FourBitVersion}, others are always in {QcdqForm.OldVersion}");
        return isStandard ? Standard(graph, options) : format.Form(graph, options);
    }

    static QcdqForm Standard(Graph graph, ExportOptions options) => new(options.Opset ?? QcdqForm.SmallestVersion(graph));
}
