using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit runs [DIR]</c>: all runs at a glance.</summary>
static class RunsCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "The folder in which runs are, each in a folder of its own.", DefaultValueFactory = _ => new CheckpointOptions().Dir };
        var sort = new Option<string>("--sort")
        {
            Description = $"By which column: {string.Join(", ", RunTable.Keys)}. Accuracies and dates with the highest first, all else with the lowest.",
            HelpName = "key",
            DefaultValueFactory = _ => "run",
        };
        var filter = new Option<string[]>("--filter")
        {
            Description = "Only runs of which a column has this value, as in --filter dataset=cifar10; any number of times. * stands for any characters.",
            HelpName = "key=value",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON array." };
        var command = new ExampledCommand("runs", "List runs: model, progress, accuracy and size.", """
            lowbit runs
            lowbit runs experiments/cifar10 --sort best --filter model=quant_resnet*
            lowbit runs --filter state=interrupted --json
            """) { folder, sort, filter, json };
        command.SetAction(parsed =>
        {
            var table = new RunTable(parsed.GetValue(sort)!, parsed.GetValue(filter) ?? []);
            RunList found = RunList.In(parsed.GetValue(folder)!);
            foreach (string problem in found.Problems) Console.Error.WriteLine($"not read: {problem}");
            RunSummary[] runs = table.Choose(found.Runs);
            if (parsed.GetValue(json)) Console.WriteLine(RunTable.Json(runs));
            else if (runs.Length > 0) Console.Write(RunTable.Format(runs));
            else Console.WriteLine(found.Runs.Count == 0 ? $"no runs in {parsed.GetValue(folder)}" : $"none of {found.Runs.Count} runs in {parsed.GetValue(folder)} has these values");
        });
        return command;
    }
}
