using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit import --from-brevitas FILE --model NAME</c>: a network that Brevitas trained as a run of ours.</summary>
static class ImportCommand
{
    static readonly Option<string> State = new("--from-brevitas") { Description = "The state dict.", Required = true, HelpName = "state.safetensors" };
    static readonly Option<string?> Model = new("--model") { Description = "The model that it is a state of; required without --config.", HelpName = "name" };
    static readonly Option<string?> Config = new("--config") { Description = "The YAML file of a run, for the bit widths and everything else.", HelpName = "file" };
    static readonly Option<string?> Dataset = new("--dataset") { Description = "The dataset whose images the network takes.", HelpName = "name" };
    static readonly Option<string?> Output = new("--output", "-o") { Description = "The run folder to make; by default as training names one.", HelpName = "run" };
    static readonly Option<string[]> Set = SetOption.Create();

    public static Command Create()
    {
        var command = new ExampledCommand("import", "Make a run of a network that Brevitas trained.", """
            lowbit import --from-brevitas state.safetensors --model quant_cnv --set quantization.weight_bit_width=4
            """) { State, Model, Config, Dataset, Set, Output };
        command.SetAction(Import);
        return command;
    }

    static int Import(ParseResult parsed)
    {
        ParsedConfiguration read = Configuration(parsed);
        foreach (string warning in read.Warnings) Console.Error.WriteLine($"warning: {warning}");
        BrevitasRunResult result = BrevitasRun.Import(parsed.GetValue(State)!, read.Configuration, parsed.GetValue(Output));
        Console.Write(ImportLines.Of(result));
        if (ModelZoo.IsQuantized(read.Configuration.Model.Name)) Console.WriteLine(BitWidths(read.Configuration.Quantization));
        return ExitCode.Done;
    }

    static ParsedConfiguration Configuration(ParseResult parsed)
    {
        string? file = parsed.GetValue(Config), model = parsed.GetValue(Model), dataset = parsed.GetValue(Dataset);
        if (file is null && model is null) throw new ConfigurationException(["lowbit import: give --model, or --config with the YAML file of a run"]);
        List<string> overrides = [];
        if (model is not null) overrides.Add($"model.name={model}");
        if (dataset is not null) overrides.Add($"dataset.name={dataset}");
        overrides.AddRange(parsed.GetValue(Set) ?? []);
        return file is null ? ConfigurationReader.Parse("{}", "lowbit import", overrides) : ConfigurationReader.Read(file, overrides);
    }

    /// <summary>A state dict holds no bit widths, so that wrong ones would go unnoticed.</summary>
    static string BitWidths(QuantizationOptions options) => "a state dict does not say its bit widths; taken as " + (options.Scheme == QuantizationScheme.BnnPynq
        ? $"bnn_pynq, weights {options.WeightBitWidth}, activations {options.ActBitWidth}"
        : $"weights {options.InWeightBitWidth} (first), {options.WeightBitWidth}, {options.OutWeightBitWidth} (last), activations {options.ActBitWidth}")
        + " (--set quantization.weight_bit_width=4 and the like, or --config)";
}
