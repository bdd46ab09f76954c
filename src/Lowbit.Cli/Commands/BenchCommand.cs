using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training.Benchmarks;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit bench</c>, and <c>lowbit bench train</c>: what quantization costs in training, beside the float network.</summary>
static class BenchCommand
{
    public static Command Create() => new("bench", "Measure Lowbit on this machine.") { Train(), BenchEpochCommand.Create() };

    static Command Train()
    {
        var model = new Option<string>("--model") { Description = "The model.", DefaultValueFactory = _ => "quant_resnet20" };
        var weightBits = new Option<int>("--weight-bits") { Description = "Bits of weights.", DefaultValueFactory = _ => 4 };
        var actBits = new Option<int>("--act-bits") { Description = "Bits of activations.", DefaultValueFactory = _ => 4 };
        var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 128 };
        var size = new Option<int>("--image-size") { Description = "Height and width of the images.", DefaultValueFactory = _ => 32 };
        var steps = new Option<int>("--steps") { Description = "Measured steps of each variant.", DefaultValueFactory = _ => 15 };
        var only = new Option<StepVariant[]>("--only") { Description = "Only these variants." };
        var profile = new Option<bool>("--profile") { Description = "Show where the time goes, by kind of node." };
        var roofline = new Option<bool>("--roofline") { Description = "Show the least time that this machine's arithmetic and memory, measured, allow." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of tables." };
        var command = new Command("train", "Time training steps: the float network, the quantized one, and that in plain torch operations, in turn.")
        {
            model, weightBits, actBits, batch, size, steps, only, profile, roofline, json,
        };
        command.SetAction(parsed =>
        {
            foreach (var (option, value, most) in new[] { ("--weight-bits", parsed.GetValue(weightBits), 8), ("--act-bits", parsed.GetValue(actBits), 8),
                ("--batch", parsed.GetValue(batch), 65_536), ("--steps", parsed.GetValue(steps), 1_000_000), ("--image-size", parsed.GetValue(size), 4_096) })
                if (value < 1 || value > most) throw new ConfigurationException([$"{option} is {value}; it must be 1 to {most}"]);
            string name = parsed.GetValue(model)!;
            if (!ModelZoo.Names.Contains(name)) throw new ConfigurationException([$"--model: {name} is not a model{NearestName.Hint(name, ModelZoo.Names)}"]);
            var options = new StepBenchmarkOptions(name,
                new() { WeightBitWidth = parsed.GetValue(weightBits), ActBitWidth = parsed.GetValue(actBits) },
                new Shape(3, parsed.GetValue(size), parsed.GetValue(size)), parsed.GetValue(batch));
            StepVariant[] variants = parsed.GetValue(only) is { Length: > 0 } chosen ? chosen : Enum.GetValues<StepVariant>();
            return Run(options, variants, parsed.GetValue(steps), parsed.GetValue(profile), parsed.GetValue(roofline) ? MachinePeaks.Measure() : null, parsed.GetValue(json));
        });
        return command;
    }

    static int Run(StepBenchmarkOptions options, StepVariant[] variants, int steps, bool profile, MachinePeaks? peaks, bool json)
    {
        var times = StepBenchmark.Run(options, variants, steps, profile);
        long[] memory = variants.Length == 1
            ? [Process.GetCurrentProcess().PeakWorkingSet64]
            : [.. variants.Select(variant => PeakOf(options, variant))];
        if (json)
        {
            Console.WriteLine(Json(options, times, memory, peaks));
            return ExitCode.Done;
        }
        double first = times[0].Median;
        Console.WriteLine($"{options.Model}, {options.Quantization.WeightBitWidth}-bit weights, {options.Quantization.ActBitWidth}-bit activations, batch {options.Batch}, "
            + $"{TorchSharp.torch.get_num_threads()} threads, {steps} steps of each in turn");
        Console.Write(TextTable.Format(
        [
            ["variant", "median s", "fastest s", "slowest s", $"to {Name(variants[0])}", "images/s", "peak MiB"],
            .. times.Select((t, i) => (string[])
            [
                Name(t.Variant), Seconds(t.Median), Seconds(t.Seconds.Min()), Seconds(t.Seconds.Max()),
                Figures.Number(t.Median / first, "0.00"), Figures.Number(options.Batch / t.Median, "0"), Figures.Number(memory[i] / (double)(1 << 20), "0"),
            ]),
        ]));
        if (peaks is not null) Console.Write("\n" + RooflineTable(options, times, peaks));
        foreach (var t in times)
            if (t.Profile is { } where) Console.Write("\n" + ProfileTable(t.Variant, where, steps));
        return ExitCode.Done;
    }

    static string ProfileTable(StepVariant variant, StepProfile profile, int steps) => TextTable.Format(
    [
        [$"{Name(variant)}: ms a step", "forward", "backward", "both"],
        .. profile.ByKind.Select(entry => (string[])
        [
            entry.Kind, Figures.Number(entry.Forward / steps * 1e3, "0.0"), Figures.Number(entry.Backward / steps * 1e3, "0.0"),
            Figures.Number((entry.Forward + entry.Backward) / steps * 1e3, "0.0"),
        ]),
    ]);

    /// <summary>The plain operations make more passes over memory than are counted.</summary>
    static string RooflineTable(StepBenchmarkOptions options, IReadOnlyList<StepTimes> times, MachinePeaks peaks) => TextTable.Format(
    [
        [$"{Figures.Number(peaks.FlopsPerSecond / 1e9, "0")} GFLOP/s, {Figures.Number(peaks.BytesPerSecond / 1e9, "0.0")} GB/s",
            "GFLOP a step", "GB a step", "s of arithmetic", "s of memory", "both", "measured"],
        .. times.Where(t => t.Variant != StepVariant.Plain).Select(t =>
        {
            StepCost cost = StepCost.Of(StepBenchmark.GraphOf(options, t.Variant), options.Batch);
            var (arithmetic, memory) = cost.SecondsAt(peaks);
            return (string[])
            [
                Name(t.Variant), Figures.Number(cost.Flops / 1e9, "0.0"), Figures.Number(cost.Bytes / 1e9, "0.00"), Seconds(arithmetic), Seconds(memory),
                Seconds(arithmetic + memory), Seconds(t.Median),
            ];
        }),
    ]);

    /// <summary>The most memory that a process needs which takes nothing but steps of one variant.</summary>
    static long PeakOf(StepBenchmarkOptions options, StepVariant variant)
    {
        string[] arguments =
        [
            "bench", "train", "--model", options.Model, "--weight-bits", $"{options.Quantization.WeightBitWidth}", "--act-bits", $"{options.Quantization.ActBitWidth}",
            "--batch", $"{options.Batch}", "--image-size", $"{options.Input.Height}", "--steps", "3", "--only", $"{variant}", "--json",
        ];
        string host = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(host) == "dotnet";
        var start = new ProcessStartInfo(host, isDotnet ? [typeof(BenchCommand).Assembly.Location, .. arguments] : arguments) { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? JsonDocument.Parse(output).RootElement.GetProperty("variants")[0].GetProperty("peak_bytes").GetInt64()
            : throw new LowbitException($"The process that measures the memory of {Name(variant)} failed with exit code {child.ExitCode}");
    }

    static string Json(StepBenchmarkOptions options, IReadOnlyList<StepTimes> times, long[] memory, MachinePeaks? peaks) => JsonSerializer.Serialize(new
    {
        model = options.Model,
        weight_bit_width = options.Quantization.WeightBitWidth,
        act_bit_width = options.Quantization.ActBitWidth,
        batch = options.Batch,
        threads = TorchSharp.torch.get_num_threads(),
        variants = times.Select((t, i) => new
        {
            variant = Name(t.Variant),
            median_seconds = t.Median,
            seconds = t.Seconds,
            images_per_second = options.Batch / t.Median,
            peak_bytes = memory[i],
            roofline = peaks is null || t.Variant == StepVariant.Plain ? null : RooflineOf(options, t.Variant, peaks),
            profile = t.Profile?.ByKind.Select(entry => new { kind = entry.Kind, forward_seconds = entry.Forward / t.Seconds.Count, backward_seconds = entry.Backward / t.Seconds.Count }),
        }),
    });

    static object RooflineOf(StepBenchmarkOptions options, StepVariant variant, MachinePeaks peaks)
    {
        StepCost cost = StepCost.Of(StepBenchmark.GraphOf(options, variant), options.Batch);
        return new { flops = cost.Flops, bytes = cost.Bytes, flops_per_second = peaks.FlopsPerSecond, bytes_per_second = peaks.BytesPerSecond };
    }

    static string Name(StepVariant variant) => variant.ToString().ToLowerInvariant();

    static string Seconds(double value) => Figures.Number(value, "0.0000");
}
