using System.Globalization;
using Lowbit.Export;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Cli.Display;

/// <summary>What an export says when it is done.</summary>
static class ExportLines
{
    public static string Of(RunExportResult result, string path, string? testVectors)
    {
        string size = new FileInfo(path).Length.ToString("N0", CultureInfo.InvariantCulture);
        string kept = result.NotFolded is { } reason ? $"batch norms are kept, so that engines compute in float: {reason}\n" : "";
        string lines = $"{path}: {result.Model} of {result.Checkpoint}, {size} bytes\n{kept}" + (result.Report is { } report ? Of(report) : "not verified\n");
        if (testVectors is null) return lines;
        return lines + $"{testVectors}: test vectors" + (result.TiedVectors > 0 ? $"; {Images(result.TiedVectors)} that hang on a rounding tie left out" : "") + "\n";
    }

    public static string Of(IntegerExportResult result, string path)
    {
        var steps = result.Network.Nodes.OfType<Requantize>().ToArray();
        int channels = steps.Sum(step => step.Multipliers.Length), exceptions = steps.Sum(step => step.Exceptions.Length), thresholds = steps.Sum(step => step.Exceptions.Sum(exception => exception.At.Length));
        return string.Create(CultureInfo.InvariantCulture, $"{path}: {result.Model} of {result.Checkpoint}, {new FileInfo(path).Length:N0} bytes\n")
            + (result.Images > 0 ? $"verified on {result.Images} test images: the network's integers, in double precision, at every node\n" : "not verified\n")
            + string.Create(CultureInfo.InvariantCulture, $"{channels:N0} channels between two integers: {channels - exceptions:N0} with a multiplier, an addend and a shift, {exceptions:N0} with {thresholds:N0} thresholds\n");
    }

    static string Of(ExportReport report) => report.Folded is { } folded ? Of(report, folded) : Exact(report);

    static string Of(ExportReport report, IntegerCounts folded) => string.Create(CultureInfo.InvariantCulture,
            $"verified on {report.Images} test images in ONNX Runtime: {folded.Differing:N0} of {folded.Integers:N0} integers ({folded.Share * 100:0.0000} %) are not the integer network's{Worst(folded)}, {folded.OtherTop1} {(folded.OtherTop1 == 1 ? "image has" : "images have")} another class\n")
        + (report.Accuracy is not { } accuracy ? "" : string.Create(CultureInfo.InvariantCulture,
            $"  accuracy on all {accuracy.Images:N0} test images: {Figures.Percent((double)accuracy.OfFile / accuracy.Images)}, the network {Figures.Percent((double)accuracy.OfNetwork / accuracy.Images)}\n"));

    static string Worst(IntegerCounts folded) => folded.Differing == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (at most {folded.WorstShare * 100:0.0000} % in one layer, {folded.WorstLayer})");

    static string Exact(ExportReport report) =>
        $"verified on {report.Images} test images: the file gives the network's logits (in double precision to {Fraction(report.Difference)} of the largest) and classes{(report.Ties == 0 ? "" : $"; {Images(report.Ties)} more, where weights in float32 round a tie the other way")}\n" +
        (report.InIntegers ? "  the integer network: the same integers at every node, and the file's logits\n" : "") +
        string.Concat(report.Runs.Select(run => $"  {run.Name}: to {Fraction(run.Difference)}{Ties(run)}\n"));

    static string Ties(SinglePrecisionRun run) => run.Ties == 0
        ? ""
        : $"; {Images(run.Ties)} more, where single precision rounds a tie the other way{(run.OtherTop1 == 0 ? "" : $" ({run.OtherTop1} to another class)")}";

    static string Images(int count) => count == 1 ? "1 image" : $"{count} images";

    static string Fraction(double difference) => difference.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
