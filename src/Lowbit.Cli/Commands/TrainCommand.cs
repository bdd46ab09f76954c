using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Curves;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit train CONFIG</c>: a YAML file in, a trained network out.</summary>
static class TrainCommand
{
    static readonly Option<string?>
        Recipe = new("--recipe") { Description = "Write the file of a recipe, for --model, into this folder and train it: short (6 epochs), day (30) or paper (200, for a GPU).", HelpName = "name" },
        Model = new("--model") { Description = "The network, for --recipe.", HelpName = "name" },
        Bits = new("--bits") { Description = "Bits of weights, and of activations where --act-bits does not say otherwise, 1 to 8, for --recipe.", HelpName = "N" },
        ActBits = new("--act-bits") { Description = "Bits of activations, 1 to 8, for --recipe.", HelpName = "N" };

    static TrainCommand() => Recipe.AcceptOnlyFromAmong([.. Guide.Recipe.Names]);

    public static Command Create()
    {
        var file = new Argument<string?>("config") { Description = "The YAML file of the run; optional beside --resume.", Arity = ArgumentArity.ZeroOrOne };
        var set = SetOption.Create();
        var resume = new Option<string?>("--resume") { Description = "Continue from this run folder or checkpoint.", HelpName = "run" };
        var command = new ExampledCommand("train", "Train a network.", """
            lowbit train configs/quickstart.yaml
            lowbit train configs/quickstart.yaml --set training.max_minutes=10
            lowbit train --resume experiments/digits/quant_cnv_2026-11-24_12-30-03
            lowbit train --recipe short --model quant_resnet20 --bits 2
            """) { file, set, resume, Recipe, Model, Bits, ActBits };
        command.SetAction(parsed => Train(RecipeFile(parsed, file, resume) ?? parsed.GetValue(file), parsed.GetValue(set) ?? [], parsed.GetValue(resume)));
        return command;
    }

    /// <summary>Writes the file of the recipe that is asked for; null where none is.</summary>
    static string? RecipeFile(ParseResult parsed, Argument<string?> file, Option<string?> resume)
    {
        if (parsed.GetValue(Recipe) is not { } name)
        {
            parsed.Refuse([Model, Bits, ActBits], "says something to --recipe alone; in a YAML file, the keys are model.name and those of quantization");
            return null;
        }
        if (parsed.GetValue(file) is { } other) throw new ConfigurationException([$"--recipe writes a file of its own to train; leave {other} out, or --recipe"]);
        parsed.Refuse([resume], "continues a run with its own configuration; leave it or --recipe out");
        string model = parsed.GetValue(Model) ?? throw new ConfigurationException([$"--recipe {name}: give --model, one that lowbit models lists"]);
        var (path, yaml) = new Guide.Recipe(name).For(model, parsed.GetValue(Bits), parsed.GetValue(ActBits));
        OutputFile.Require(path, "the recipe");
        if (!File.Exists(path)) AtomicFile.WriteText(path, yaml);
        else if (File.ReadAllText(path) != yaml)
            throw new ConfigurationException([$"{path} is there already, and is not what --recipe {name} writes; train it with lowbit train {path}, or give it another name"]);
        Console.Error.WriteLine($"{path} has the recipe; to train it again: lowbit train {path}");
        return path;
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
