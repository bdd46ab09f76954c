using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Curves;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit train CONFIG</c>: a YAML file in, a trained network out.</summary>
static class TrainCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("config") { Description = "The YAML file of the run; optional beside --resume.", Arity = ArgumentArity.ZeroOrOne };
        var set = SetOption.Create();
        var resume = new Option<string?>("--resume") { Description = "Continue from this run folder or checkpoint.", HelpName = "run" };
        var command = new ExampledCommand("train", "Train a network.", """
            lowbit train configs/quickstart.yaml
            lowbit train configs/quickstart.yaml --set training.max_minutes=10
            lowbit train --resume experiments/digits/quant_cnv_2026-11-24_12-30-03
            """) { file, set, resume };
        command.SetAction(parsed => Train(parsed.GetValue(file), parsed.GetValue(set) ?? [], parsed.GetValue(resume)));
        return command;
    }

    static int Train(string? file, string[] overrides, string? resume)
    {
        ConsoleOutput.IsResult = false;
        string source = file ?? ConfigurationOf(resume);
        ParsedConfiguration read = ConfigurationReader.Read(source, overrides);
        RunConfiguration configuration = read.Configuration;
        if (resume is not null) configuration = configuration with { Checkpoint = configuration.Checkpoint with { Resume = resume } };
        IEnumerable<string> warnings = file is null ? read.Warnings.Where(warning => !warning.StartsWith(source, StringComparison.Ordinal)) : read.Warnings;   // the run wrote it
        foreach (string warning in warnings) Console.Error.WriteLine($"warning: {warning}");

        using var interruption = new Interruption();
        RunResult result = ProgressDisplay.Run(configuration.Progress, display => TrainingRun.Run(
            configuration, new TrainingObservers(display, new LearningCurve(), new TensorboardCurves()), interruption.Token));
        foreach (string line in RunEnd.Of(result, configuration.Training)) Console.WriteLine(line);
        if (result is { Interrupted: false, Folder: { } run }) Console.Write(NextSteps.After(run.Path));
        return result.Interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    static string ConfigurationOf(string? resume)
    {
        if (resume is null) throw new ConfigurationException(["lowbit train: give the YAML file of a run, or --resume with a run folder"]);
        if (RunFolder.OfStages(resume) is { } stages) return stages.Configuration;
        string checkpoint = RunFolder.FindCheckpoint(resume, preferBest: false);
        using (Checkpoint run = Checkpoint.Read(checkpoint))
            if (run.Configuration is null)
                throw new ConfigurationException([$"--resume {resume}: a program gave the network and the images of this run; continue it from there"]);
        return RunFolder.Of(checkpoint)?.Configuration
            ?? throw new ConfigurationException([$"--resume {resume}: no config.yaml lies beside it; give the YAML file of the run, too"]);
    }
}
