using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Export;
using Lowbit.Networks;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit bench infer</c>: how fast networks are in ONNX Runtime.</summary>
static class BenchInferCommand
{
    /// <summary>The option of the process that measures memory: it prints its bytes and nothing else.</summary>
    const string OnlyPeak = "--only-peak";

    public static Command Create()
    {
        var networks = new Argument<string[]>("networks") { Description = "Standard ONNX files that take any number of images, or runs, which are exported for it.", Arity = ArgumentArity.OneOrMore };
        var batches = new Option<string>("--batch") { Description = "Images at a time, as in 1,32.", DefaultValueFactory = _ => "1,32", HelpName = "N,N" };
        var threads = new Option<string>("--threads") { Description = "Threads, as in 1,2.", DefaultValueFactory = _ => Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), HelpName = "N,N" };
        var runs = new Option<int>("--runs") { Description = "Measured runs of each.", DefaultValueFactory = _ => 30 };
        var twin = new Option<bool>("--float") { Description = "Beside each run, the float network of the same layers." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var peak = new Option<bool>(OnlyPeak) { Hidden = true };
        var command = new ExampledCommand("infer", "Time networks in ONNX Runtime, in turn: images a second, median and 99th percentile of a run; and the memory that each takes in a process of its own.", """
            lowbit bench infer experiments/cifar10/first --float
            lowbit bench infer model.onnx other.onnx --batch 1,32 --threads 2
            """) { networks, batches, threads, runs, twin, json, peak };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(runs) is < 1 or > 1_000_000) throw new ConfigurationException([$"--runs is {parsed.GetValue(runs)}; it must be 1 to 1,000,000"]);
            int[] batchSizes = Numbers(batches, parsed.GetValue(batches)!, 65_536), threadCounts = Numbers(threads, parsed.GetValue(threads)!, 1_024);
            if (parsed.GetValue(peak))
            {
                ChildProcess.EndWithParent();
                Console.WriteLine(InferenceBenchmark.PeakMemory(parsed.GetValue(networks)![0], batchSizes[0], threadCounts[0]));
                return ExitCode.Done;
            }
            using var interruption = new Interruption();
            using var folder = new ExportedRuns();
            (string Name, string Path)[] files = [.. parsed.GetValue(networks)!.SelectMany(network => folder.FilesOf(network, parsed.GetValue(twin)))];
            var rows = new List<Row>();
            foreach (int batch in batchSizes)
                foreach (int count in threadCounts)
                {
                    var times = InferenceBenchmark.Run([.. files.Select(file => file.Path)], batch, count, parsed.GetValue(runs), interruption.Token);
                    rows.AddRange(times.Select((result, i) => new Row(files[i].Name, result, PeakOf(result, interruption.Token))));
                }
            Console.Write(parsed.GetValue(json) ? ToJson(rows) + Environment.NewLine : ToTable(rows));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The most memory of a process that loads and runs one file, and nothing else.</summary>
    static long PeakOf(InferenceTimes times, CancellationToken cancellation) => long.Parse(
        ChildProcess.Run($"the memory of {times.Path}", ["bench", "infer", times.Path, "--batch", $"{times.Batch}", "--threads", $"{times.Threads}", OnlyPeak], cancellation), CultureInfo.InvariantCulture);

    static string ToTable(List<Row> rows)
    {
        var graphs = rows.Select(row => row.Times.Path).Distinct().ToDictionary(path => path, RuntimeGraph.Of);
        return TextTable.Format(
        [
            ["network", "batch", "threads", "images/s", "p50 ms", "p99 ms", "peak MiB", "bytes", "products in integers"],
            .. rows.Select(row => (string[])
            [
                row.Name, $"{row.Times.Batch}", $"{row.Times.Threads}", Figures.Number(row.Times.ImagesPerSecond, "0"), Milliseconds(row.Times, 0.5), Milliseconds(row.Times, 0.99),
                Figures.Number(row.PeakBytes / (double)(1 << 20), "0"),
                FileSize.Of(row.Times.Path).ToString("N0", CultureInfo.InvariantCulture),
                $"{graphs[row.Times.Path].IntegerProducts} of {graphs[row.Times.Path].IntegerProducts + graphs[row.Times.Path].FloatProducts}",
            ]),
        ]);
    }

    static string ToJson(List<Row> rows) => JsonSerializer.Serialize(new
    {
        networks = rows.Select(row => new
        {
            network = row.Name,
            batch = row.Times.Batch,
            threads = row.Times.Threads,
            images_per_second = row.Times.ImagesPerSecond,
            p50_seconds = row.Times.Percentile(0.5),
            p99_seconds = row.Times.Percentile(0.99),
            seconds = row.Times.Seconds,
            peak_bytes = row.PeakBytes,
            file_bytes = FileSize.Of(row.Times.Path),
        }),
    });

    static string Milliseconds(InferenceTimes times, double share) => Figures.Number(times.Percentile(share) * 1000, "0.00");

    static int[] Numbers(Option option, string text, int most)
    {
        int[] numbers = [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)];
        return numbers.All(number => number >= 1 && number <= most) ? numbers : throw new ConfigurationException([$"{option.Name} is {text}; numbers of 1 to {most}, as in 1,32, are expected"]);
    }

    sealed record Row(string Name, InferenceTimes Times, long PeakBytes);

    /// <summary>Runs as files that ONNX Runtime takes; they are gone when this is disposed.</summary>
    sealed class ExportedRuns : IDisposable
    {
        readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lowbit-bench-");

        public IEnumerable<(string Name, string Path)> FilesOf(string network, bool withTwin)
        {
            if (network.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return [(network, network)];
            using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(network, preferBest: true));
            using Network trained = checkpoint.BuildNetwork();
            string stem = Path.Combine(folder.FullName, $"{folder.GetFiles().Length}");
            OnnxExport.Write(trained, $"{stem}.onnx", new() { Format = ExportFormat.Qcdq, Target = ExportTarget.OnnxRuntime, Batch = null });
            if (!withTwin) return [(network, $"{stem}.onnx")];
            FloatTwin.Write(trained, $"{stem}.float.onnx");
            return [(network, $"{stem}.onnx"), ($"{network}, in float", $"{stem}.float.onnx")];
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
