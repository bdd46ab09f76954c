using System.Globalization;
using Lowbit.Export;

namespace Lowbit.Cli.Display;

/// <summary>What an export says when it is done.</summary>
static class ExportLines
{
    public static string Of(RunExportResult result, string path, string? testVectors)
    {
        string size = new FileInfo(path).Length.ToString("N0", CultureInfo.InvariantCulture);
        string lines = $"{path}: {result.Model} of {result.Checkpoint}, {size} bytes\n" + (result.Report is { } report ? Of(report) : "not verified\n");
        if (testVectors is null) return lines;
        return lines + $"{testVectors}: test vectors" + (result.TiedVectors > 0 ? $"; {Images(result.TiedVectors)} that hang on a rounding tie left out" : "") + "\n";
    }

    static string Of(ExportReport report) =>
        $"verified on {report.Images} test images: the file gives the network's logits (in double precision to {Fraction(report.Difference)} of the largest) and classes\n" +
        string.Concat(report.Runs.Select(run => $"  {run.Name}: to {Fraction(run.Difference)}{Ties(run)}\n"));

    static string Ties(SinglePrecisionRun run) => run.Ties == 0
        ? ""
        : $"; {Images(run.Ties)} more, where single precision rounds a tie the other way{(run.OtherTop1 == 0 ? "" : $" ({run.OtherTop1} to another class)")}";

    static string Images(int count) => count == 1 ? "1 image" : $"{count} images";

    static string Fraction(double difference) => difference.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
