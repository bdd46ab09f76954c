using System.CommandLine;
using System.Runtime.InteropServices;
using Lowbit.Cli.Display;
using Lowbit.Cli.Guide;
using Lowbit.Configuration;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit new</c>: a few questions, and the configuration of a first run.</summary>
static class NewCommand
{
    const string UsualFile = "run.yaml";

    static readonly Option<string?>
        Output = new("--output", "-o") { Description = $"The YAML file to write; by default {UsualFile}.", HelpName = "file" },
        Dataset = new("--dataset") { Description = "The images to train on.", HelpName = "name" },
        Root = new("--root") { Description = "The folder of the images, for imagefolder and imagenet; of the others, the one in which datasets are kept.", HelpName = "folder" },
        Model = new("--model") { Description = "The network.", HelpName = "name" },
        Bits = new("--bits") { Description = "Bits of weights, and of activations where --act-bits does not say otherwise, 1 to 8.", HelpName = "N" },
        ActBits = new("--act-bits") { Description = "Bits of activations, 1 to 8.", HelpName = "N" },
        Minutes = new("--minutes") { Description = "Minutes to spend on training.", HelpName = "N" };

    static readonly Option<bool>
        Yes = new("--yes", "-y") { Description = "Take the default of every question that no option answers." },
        Force = new("--force") { Description = "Write over a file that is there." };

    public static Command Create()
    {
        var command = new ExampledCommand("new", "Write the configuration of a first run: asks for images, network, bits and minutes, as far as options do not say.", """
            lowbit new
            lowbit new -o run.yaml --dataset cifar10 --model quant_resnet20 --bits 4 --minutes 30
            lowbit new -o flowers.yaml --dataset imagefolder --root photos/flowers --yes
            """) { Output, Dataset, Root, Model, Bits, ActBits, Minutes, Yes, Force };
        command.SetAction(Write);
        return command;
    }

    static int Write(ParseResult parsed)
    {
        bool force = parsed.GetValue(Force);
        Dictionary<string, Option<string?>> options = new[] { Output, Dataset, Root, Model, Bits, ActBits, Minutes }.ToDictionary(option => option.Name);
        string? Given(string option) => options.TryGetValue(option, out var known) ? parsed.GetValue(known) : null;
        var file = new Question(Output.Name, "File to write", UsualFile, path => FileProblem(HomeFolder.In(path), force));
        if (Given(file.Option) is { } path) file.Require(path);   // before anything is asked
        bool canAsk = ConsoleOutput.IsTerminal && !Console.IsInputRedirected;
        using var _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        var interview = new Interview(Given, canAsk ? new Asking(Console.In, Console.Out).Answer : null, parsed.GetValue(Yes));
        var (configuration, keys) = interview.Run();
        string target = Given(file.Option) ?? (interview.HasAsked ? HomeFolder.In(interview.Answer(file)) : file.Require(UsualFile));
        string yaml = $"# A run of Lowbit. Keys that are not here have their defaults; docs/configuration has all.\n\n{CommentedConfiguration.Write(configuration, keys)}";
        ConfigurationReader.Parse(yaml, target);
        AtomicFile.WriteText(target, yaml);
        if (interview.HasAsked) Console.WriteLine();
        Console.WriteLine($"{target} is written: {Sentence(configuration)} To train it:");
        Console.WriteLine($"lowbit train {NextSteps.Argument(target)}");
        return ExitCode.Done;
    }

    static string? FileProblem(string path, bool force)
    {
        try
        {
            OutputFile.Require(path, "the configuration");
        }
        catch (ConfigurationException problem)
        {
            return $"the name of a file: {problem.Message}";
        }
        return File.Exists(path) && !force ? "the name of a file that is not there yet, unless there is --force" : null;
    }

    static string Sentence(RunConfiguration run)
    {
        string bits = Models.ModelZoo.IsQuantized(run.Model.Name) ? $", weights of {Bit(run.Quantization.WeightBitWidth)} and activations of {Bit(run.Quantization.ActBitWidth)}" : "";
        return $"{run.Model.Name}{bits}, on {run.Dataset.Name}, in about {Figures.Number(run.Training.MaxMinutes!.Value, "0.##")} minutes.";
    }

    static string Bit(int width) => width == 1 ? "1 bit" : $"{width} bits";

    /// <summary>Ctrl-C while a question waits for its answer.</summary>
    static void Leave(PosixSignalContext context)
    {
        Console.Error.WriteLine("\ninterrupted, and nothing is written");
        Environment.Exit(ExitCode.Interrupted);
    }
}
