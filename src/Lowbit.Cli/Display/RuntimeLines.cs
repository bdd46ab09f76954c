using System.Globalization;
using Lowbit.Export;
using Lowbit.Networks;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>What ONNX Runtime makes of a file.</summary>
static class RuntimeLines
{
    /// <summary>Images at a time that speed is measured with where a file leaves the number open.</summary>
    const int OpenBatch = 32;

    const int Runs = 30;

    /// <summary>The operators that run.</summary>
    public static string Of(string path)
    {
        RuntimeGraph graph = RuntimeGraph.Of(path);
        string operators = string.Join(", ", graph.Operators.Select(entry => $"{entry.Count} {entry.Operator}"));
        return $"ONNX Runtime computes {graph.IntegerProducts} of {graph.IntegerProducts + graph.FloatProducts} convolutions and matrix products in integers: {operators}\n";
    }

    /// <summary>Images a second beside those of the float network.</summary>
    public static string Speed(string run, string path, int? batch)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lowbit-bench-");
        try
        {
            string twin = Path.Combine(folder.FullName, "float.onnx");
            using (Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(run, preferBest: true)))
            using (Network network = checkpoint.BuildNetwork())
                FloatTwin.Write(network, twin);
            var times = InferenceBenchmark.Run([path, twin], batch ?? OpenBatch, Environment.ProcessorCount, Runs);
            return string.Create(CultureInfo.InvariantCulture,
                $"{times[0].ImagesPerSecond:N0} images/s, {times[0].ImagesPerSecond / times[1].ImagesPerSecond:0.00} x the float network's {times[1].ImagesPerSecond:N0} (batch {times[0].Batch}, {times[0].Threads} threads, medians of {Runs} runs in turn)\n");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
