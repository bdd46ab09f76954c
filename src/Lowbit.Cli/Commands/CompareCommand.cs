using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Cli.Reports;
using Lowbit.Configuration;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit compare RUN RUN...</c>: where runs differ.</summary>
static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("run") { Description = "Run folders, or checkpoints in them.", Arity = new(2, 100) };
        var all = new Option<bool>("--all") { Description = "Show every key of the configurations, not only those that differ and have an effect on the weights." };
        var json = new Option<bool>("--json") { Description = "Print one JSON array with all keys." };
        var output = new Option<string?>("--output", "-o") { Description = "Write an HTML page instead, with curves and costs as charts; it needs no network.", HelpName = "file.html" };
        var command = new ExampledCommand("compare", "Compare runs: accuracy, cost, and the keys of their configurations that differ, which are marked with a star.", """
            lowbit compare experiments/cifar10/w4a4 experiments/cifar10/w2a2
            lowbit compare experiments/cifar10/* --all
            lowbit compare experiments/cifar10/* -o compare.html
            """) { runs, all, json, output };
        command.SetAction(parsed =>
        {
            string? page = parsed.GetValue(output);
            if (page is not null && parsed.GetValue(json)) throw new ConfigurationException(["--json is for standard output, and --output writes a page: give one of them"]);
            if (page is not null) OutputFile.Require(page, "the page");
            RunSummary[] read = [.. parsed.GetValue(runs)!.Select(RunSummary.Read)];
            if (page is not null)
            {
                AtomicFile.WriteText(page, HtmlPage.Of(RunComparison.Of(read)));
                Console.WriteLine($"{page}: {read.Length} runs, {Figures.Count(new FileInfo(page).Length)} bytes");
            }
            else if (parsed.GetValue(json)) Console.WriteLine(ComparisonTable.Json(read));
            else Console.Write(ComparisonTable.Format(read, parsed.GetValue(all)));
        });
        return command;
    }
}
