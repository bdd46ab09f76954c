using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training.Benchmarks;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit bench train</c>: what quantization costs in training, beside the float network.</summary>
static class BenchTrainCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The model.", DefaultValueFactory = _ => "quant_resnet20" };
        var weightBits = new Option<int>("--weight-bits") { Description = "Bits of weights.", DefaultValueFactory = _ => 4 };
        var actBits = new Option<int>("--act-bits") { Description = "Bits of activations.", DefaultValueFactory = _ => 4 };
        var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 128 };
        var size = new Option<int>("--image-size") { Description = "Height and width of the images.", DefaultValueFactory = _ => 32 };
        var steps = new Option<int>("--steps") { Description = "Measured steps of each variant.", DefaultValueFactory = _ => 15 };
        var set = new Option<string[]>("--set") { Description = "Set a key of quantization, as in --set quantization.residual=relu; any number of times.", HelpName = "quantization.key=value" };
        var only = new Option<StepVariant[]>("--only") { Description = "Only these variants." };
        var profile = new Option<bool>("--profile") { Description = "Show where the time goes, by kind of node." };
        var roofline = new Option<bool>("--roofline") { Description = "Show the least time that this machine's arithmetic and memory, measured, allow." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of tables." };
        var command = new ExampledCommand("train", "Time training steps: the float network, the quantized one, and that in plain torch operations, in turn.", """
            lowbit bench train
            lowbit bench train --model quant_mobilenetv1 --weight-bits 2 --act-bits 2 --profile
            """)
        {
            model, weightBits, actBits, batch, size, steps, set, only, profile, roofline, json,
        };
        command.SetAction(parsed =>
        {
            foreach (var (option, value, most) in new[] { ("--weight-bits", parsed.GetValue(weightBits), 8), ("--act-bits", parsed.GetValue(actBits), 8),
                ("--batch", parsed.GetValue(batch), 65_536), ("--steps", parsed.GetValue(steps), 1_000_000), ("--image-size", parsed.GetValue(size), 4_096) })
                if (value < 1 || value > most) throw new ConfigurationException([$"{option} is {value}; it must be 1 to {most}"]);
            string name = parsed.GetValue(model)!;
            if (!ModelZoo.Names.Contains(name)) throw new ConfigurationException([$"--model: {name} is not a model{NearestName.Hint(name, ModelZoo.Names)}"]);
            string[] assignments = parsed.GetValue(set) ?? [];
            if (assignments.FirstOrDefault(assignment => !assignment.StartsWith("quantization.", StringComparison.Ordinal)) is { } other)
                throw new ConfigurationException([$"--set {other}: only keys of quantization are for bench train, as in --set quantization.residual=relu"]);
            string quantized = ModelZoo.IsQuantized(name) ? name : ModelZoo.QuantizedPrefix + name;
            var options = new StepBenchmarkOptions(name,
                ConfigurationReader.Parse(
                    $"{{model: {{name: {quantized}}}, quantization: {{weight_bit_width: {parsed.GetValue(weightBits)}, act_bit_width: {parsed.GetValue(actBits)}}}}}", "bench train", assignments).Configuration.Quantization,
                new Shape(3, parsed.GetValue(size), parsed.GetValue(size)), parsed.GetValue(batch));
            StepVariant[] variants = parsed.GetValue(only) is { Length: > 0 } chosen ? chosen : Enum.GetValues<StepVariant>();
            return Run(options, assignments, variants, parsed.GetValue(steps), parsed.GetValue(profile), parsed.GetValue(roofline) ? MachinePeaks.Measure() : null, parsed.GetValue(json));
        });
        return command;
    }

    static int Run(StepBenchmarkOptions options, string[] assignments, StepVariant[] variants, int steps, bool profile, MachinePeaks? peaks, bool json)
    {
        var times = StepBenchmark.Run(options, variants, steps, profile);
        long[] memory = variants.Length == 1
            ? [Process.GetCurrentProcess().PeakWorkingSet64]
            : [.. variants.Select(variant => PeakOf(options, assignments, variant))];
        var tables = new StepTables(options, times, memory, peaks);
        Console.Write(json ? tables.ToJson() + Environment.NewLine : tables.ToString());
        return ExitCode.Done;
    }

    /// <summary>The most memory that a process needs which takes nothing but steps of one variant.</summary>
    static long PeakOf(StepBenchmarkOptions options, string[] assignments, StepVariant variant)
    {
        string[] arguments =
        [
            "bench", "train", "--model", options.Model, "--weight-bits", $"{options.Quantization.WeightBitWidth}", "--act-bits", $"{options.Quantization.ActBitWidth}",
            "--batch", $"{options.Batch}", "--image-size", $"{options.Input.Height}", "--steps", "17", "--only", $"{variant}", "--json",
            .. assignments.SelectMany(assignment => new[] { "--set", assignment }),
        ];
        string output = ChildProcess.Run($"the memory of {StepTables.Name(variant)}", arguments);
        return JsonDocument.Parse(output).RootElement.GetProperty("variants")[0].GetProperty("peak_bytes").GetInt64();
    }
}
