using System.Text;
using System.Text.Json;
using Lowbit.Training.Benchmarks;

namespace Lowbit.Cli.Display;

/// <summary>What was measured of training steps, for people and for programs.</summary>
/// <param name="options">What was measured.</param>
/// <param name="times">The steps of each variant.</param>
/// <param name="memory">The most bytes that each variant takes.</param>
/// <param name="peaks">What the machine does at best; null where that was not asked for.</param>
sealed class StepTables(StepBenchmarkOptions options, IReadOnlyList<StepTimes> times, long[] memory, MachinePeaks? peaks)
{
    /// <summary>A variant as it is written.</summary>
    public static string Name(StepVariant variant) => variant.ToString().ToLowerInvariant();

    /// <summary>The tables, a headline first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"{options.Model}, {options.Quantization.WeightBitWidth}-bit weights, {options.Quantization.ActBitWidth}-bit activations, batch {options.Batch}, "
            + $"{TorchSharp.torch.get_num_threads()} threads, {times[0].Seconds.Count} steps of each in turn");
        text.Append(Steps());
        if (peaks is not null) text.AppendLine().Append(Roofline(peaks));
        foreach (StepTimes t in times)
            if (t.Profile is { } profile) text.AppendLine().Append(Profile(t, profile));
        return text.ToString();
    }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
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
            roofline = peaks is not null && CostOf(t.Variant) is { } cost
                ? new { flops = cost.Flops, bytes = cost.Bytes, flops_per_second = peaks.FlopsPerSecond, bytes_per_second = peaks.BytesPerSecond }
                : null,
            profile = t.Profile?.ByKind.Select(entry => new { kind = entry.Kind, forward_seconds = entry.Forward / t.Seconds.Count, backward_seconds = entry.Backward / t.Seconds.Count }),
        }),
    });

    string Steps() => TextTable.Format(
    [
        ["variant", "median s", "fastest s", "slowest s", $"to {Name(times[0].Variant)}", "images/s", "peak MiB"],
        .. times.Select((t, i) => (string[])
        [
            Name(t.Variant), Seconds(t.Median), Seconds(t.Seconds.Min()), Seconds(t.Seconds.Max()),
            Figures.Number(t.Median / times[0].Median, "0.00"), Figures.Number(options.Batch / t.Median, "0"), Figures.Number(memory[i] / (double)(1 << 20), "0"),
        ]),
    ]);

    string Roofline(MachinePeaks machine) => TextTable.Format(
    [
        [$"{Figures.Number(machine.FlopsPerSecond / 1e9, "0")} GFLOP/s, {Figures.Number(machine.BytesPerSecond / 1e9, "0.0")} GB/s",
            "GFLOP a step", "GB a step", "s of arithmetic", "s of memory", "both", "measured"],
        .. times.Select(t => (Times: t, Cost: CostOf(t.Variant))).Where(t => t.Cost is not null).Select(t =>
        {
            var (arithmetic, bytes) = t.Cost!.SecondsAt(machine);
            return (string[])
            [
                Name(t.Times.Variant), Figures.Number(t.Cost.Flops / 1e9, "0.0"), Figures.Number(t.Cost.Bytes / 1e9, "0.00"), Seconds(arithmetic), Seconds(bytes),
                Seconds(arithmetic + bytes), Seconds(t.Times.Median),
            ];
        }),
    ]);

    static string Profile(StepTimes times, StepProfile profile) => TextTable.Format(
    [
        [$"{Name(times.Variant)}: ms a step", "forward", "backward", "both"],
        .. profile.ByKind.Select(entry => (string[])
        [
            entry.Kind, Milliseconds(entry.Forward / times.Seconds.Count), Milliseconds(entry.Backward / times.Seconds.Count),
            Milliseconds((entry.Forward + entry.Backward) / times.Seconds.Count),
        ]),
    ]);

    /// <summary>Null for the plain operations, which make more passes over memory than are counted.</summary>
    StepCost? CostOf(StepVariant variant) => variant == StepVariant.Plain ? null : StepCost.Of(StepBenchmark.GraphOf(options, variant), options.Batch);

    static string Seconds(double value) => Figures.Number(value, "0.0000");

    static string Milliseconds(double seconds) => Figures.Number(seconds * 1e3, "0.0");
}
