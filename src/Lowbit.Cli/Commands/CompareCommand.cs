using System.CommandLine;
using Lowbit.Cli.Display;
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
        var command = new ExampledCommand("compare", "Compare runs: accuracy, cost, and the keys of their configurations that differ, which are marked with a star.", """
            lowbit compare experiments/cifar10/w4a4 experiments/cifar10/w2a2
            lowbit compare experiments/cifar10/* --all
            """) { runs, all, json };
        command.SetAction(parsed =>
        {
            RunSummary[] read = [.. parsed.GetValue(runs)!.Select(RunSummary.Read)];
            if (parsed.GetValue(json)) Console.WriteLine(ComparisonTable.Json(read));
            else Console.Write(ComparisonTable.Format(read, parsed.GetValue(all)));
        });
        return command;
    }
}
