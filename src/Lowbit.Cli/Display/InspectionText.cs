using System.Globalization;
using Lowbit.Export.Inspection;

namespace Lowbit.Cli.Display;

/// <summary>What is in an ONNX file, as text.</summary>
static class InspectionText
{
    static readonly string[] Header = ["quantizer", "kind", "of", "bits", "range", "scales", "smallest", "largest", "zero point"];

    public static string Format(OnnxInspection file)
    {
        string metadata = string.Concat(file.Metadata.Select(entry => $"{Text(entry.Key)}: {Text(entry.Value)}\n"));
        string quantizers = file.Quantizers.IsEmpty ? "" : "\n" + TextTable.Format([Header, .. file.Quantizers.Select(Row)]);
        return $"{Text(file.Path)}: {file.Format}, opset {file.Opset}, {file.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes"
            + (file.Producer is "" ? "\n" : $", written by {Text(file.Producer)}\n")
            + $"input {Text(file.Input)}, output {Text(file.Output)}\n{metadata}\n{file.Summary}{quantizers}";
    }

    static string Text(string text) => Printable.Short(text, Printable.LongestLine);

    static string[] Row(QuantizerSummary q) =>
    [
        q.Tensor, q.Kind, q.IsConstant ? "constants" : "values", $"{q.BitWidth}", q.Range, $"{q.Scales}",
        Figures.Number(q.SmallestScale, "g6"), Figures.Number(q.LargestScale, "g6"), Figures.Number(q.ZeroPoint, "g6"),
    ];
}
