using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Cli.Reports;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit report RUN</c>: a run as one HTML page.</summary>
static class ReportCommand
{
    const string DefaultName = "report.html";

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run folder (its newest checkpoint; the best where validation images chose it), or a checkpoint file in one." };
        var output = new Option<string?>("--output", "-o") { Description = $"The HTML file to write; by default {DefaultName} in the run folder.", HelpName = "file.html" };
        Option<string?> root = RootOption.Create(), images = ImagesOption.Create();
        var command = new ExampledCommand("report", "Write a page about a run: curves, accuracy by class, mistakes, layers, sizes of exports. It is one HTML file that needs no network.", """
            lowbit report experiments/digits/quant_cnv_2026-11-24_12-30-03
            lowbit report experiments/cifar10/w4a4 -o w4a4.html --root ~/datasets
            """) { run, output, root, images };
        command.SetAction(parsed => Report(parsed.GetValue(run)!, parsed.GetValue(output), parsed.GetValue(root), parsed.GetValue(images)));
        return command;
    }

    static int Report(string run, string? output, string? root, string? images)
    {
        using var interruption = new Interruption();
        if (output is not null) OutputFile.Require(output, "the report", images is null ? [] : [(images, "the file of images")]);
        using var source = new ReportSource(run, root, images);
        string path = output ?? Path.Combine(NearPath.Of(source.Run.Folder.Path), DefaultName);
        OutputFile.Require(path, "the report");
        RunReport report = ReportDisplay.Show(progress => RunReport.Of(source, progress, interruption.Token));
        interruption.Token.ThrowIfCancellationRequested();
        AtomicFile.WriteText(path, HtmlPage.Of(report));
        foreach (string sentence in report.Missing) Console.Error.WriteLine(sentence);
        Console.WriteLine($"{path}: {source.Checkpoint.ModelName} after epoch {source.Checkpoint.Position.Epoch}, {Figures.Count(new FileInfo(path).Length)} bytes");
        return ExitCode.Done;
    }
}
