using System.Diagnostics;
using System.Globalization;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Inspection;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>
/// Mutants of files of every kind, inspected and evaluated by each engine: a result or one sentence, soon, and without taking the memory.
/// LOWBIT_FUZZ_MUTANTS says how many, LOWBIT_FUZZ_SEED where they begin; one that ends the process is left behind under its number.
/// </summary>
public sealed class OnnxFuzzTests(ITestOutputHelper output) : IDisposable
{
    const long MemoryBound = 1_500_000_000;
    static readonly TimeSpan TimeBound = TimeSpan.FromSeconds(25);
    static readonly OnnxBudget Budget = new() { Memory = 1L << 29, Operations = 2e10 };

    readonly string folder = Directory.CreateTempSubdirectory("lowbit-fuzz-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void Mutants_are_run_or_told_in_one_sentence()
    {
        int count = Number("LOWBIT_FUZZ_MUTANTS", 400), seed = Number("LOWBIT_FUZZ_SEED", 1);
        var files = Files();
        var told = new Dictionary<string, (int Run, int Told)>();
        using var process = Process.GetCurrentProcess();
        long before = process.PeakWorkingSet64;
        var slowest = TimeSpan.Zero;
        for (int i = seed; i < seed + count; i++)
        {
            var random = new Random(i);
            var (bytes, image) = files[random.Next(files.Count)];
            string path = Path.Combine(folder, $"{i}.onnx");
            File.WriteAllBytes(path, OnnxMutation.Of(bytes, random));
            Try("inspect", () => OnnxInspection.Of(path, budget: Budget));
            foreach (var engine in new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime }) Try(engine.ToString(), () => Evaluate(path, image, engine));
            Assert.True(process.PeakWorkingSet64 - before < MemoryBound, $"mutant {i} took {(process.PeakWorkingSet64 - before) >> 20} MiB");
            File.Delete(path);

            void Try(string what, Action run)
            {
                var clock = Stopwatch.StartNew();
                process.Refresh();
                var processor = process.TotalProcessorTime;
                var problem = Record.Exception(run);
                process.Refresh();
                // What others take of a busy machine's time is not the file's.
                var taken = TimeSpan.FromTicks(Math.Min(clock.Elapsed.Ticks, (process.TotalProcessorTime - processor).Ticks));
                Assert.True(taken < TimeBound, $"mutant {i}, {what}: it took {taken}");
                if (taken > slowest) slowest = taken;
                Assert.True(problem is null or LowbitException, $"mutant {i}, {what}: {problem}");
                Assert.True(problem is null || (problem.Message.Length > 0 && !problem.Message.Contains('\n', StringComparison.Ordinal)), $"mutant {i}, {what}: {problem?.Message}");
                var (ran, refused) = told.GetValueOrDefault(what);
                told[what] = problem is null ? (ran + 1, refused) : (ran, refused + 1);
            }
        }
        output.WriteLine($"{count} mutants from seed {seed}; the slowest took {slowest.TotalSeconds:0.0} s, memory grew by {(process.PeakWorkingSet64 - before) >> 20} MiB at most; "
            + string.Join(", ", told.Select(pair => $"{pair.Key}: {pair.Value.Run} run, {pair.Value.Told} told")));
    }

    static void Evaluate(string path, long[] image, OnnxEngine engine)
    {
        using var scope = NewDisposeScope();
        using var network = OnnxNetwork.Load(path, new OnnxRunOptions { Engine = engine, Budget = Budget });
        var data = new DatasetInfo("two images", (int)image[0], (int)image[1], (int)image[2], ["a", "b", "c"], Mean: new float[image[0]], Std: [.. Enumerable.Repeat(1f, (int)image[0])]);
        network.Evaluate([new(0, ones([2, .. image], uint8), zeros([2], int64))], data, Losses.Create(new()));
    }

    /// <summary>A network in every format, Brevitas's small files, and what other tools write.</summary>
    List<(byte[] File, long[] Image)> Files()
    {
        using var scope = NewDisposeScope();
        var files = new List<(byte[], long[])>();
        foreach (string name in ForeignGraphs.Names)
        {
            using var file = ForeignGraphs.Make(name);
            files.Add((File.ReadAllBytes(file.Path), [2, 6, 6]));
        }
        foreach (var (model, options) in new (string, ExportOptions)[]
        {
            ("quant_resnet20", new()), ("quant_resnet20", new() { Format = ExportFormat.Qcdq, Batch = null }), ("quant_cnv", new() { Format = ExportFormat.Qcdq, Opset = 21 }), ("resnet20", new() { Format = ExportFormat.Qcdq }),
        })
        {
            var shape = model is "quant_cnv" ? new Shape(1, 32, 32) : new Shape(1, 8, 8);
            using var network = new Network(ModelZoo.Build(new(model, shape, 3), new() { WeightBitWidth = 4, ActivationBitWidth = 4 }));
            network.train();
            network.forward(randint(0, 256, [2, .. shape.Dimensions]).to(float32));
            network.eval();
            string path = Path.Combine(folder, "whole.onnx");
            OnnxExport.Write(network, path, options);
            files.Add((File.ReadAllBytes(path), shape.Dimensions));
        }
        files.AddRange(GoldenFiles.Names("tiny_*.onnx").Select(name => (File.ReadAllBytes(GoldenFiles.PathOf(name)), (long[])[3, 32, 32])));
        return files;
    }

    static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
