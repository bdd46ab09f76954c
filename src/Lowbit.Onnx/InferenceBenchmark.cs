using System.Diagnostics;
using Lowbit.Export.Analysis;
using Microsoft.ML.OnnxRuntime;

namespace Lowbit.Export;

/// <summary>The speed of a file in ONNX Runtime.</summary>
/// <param name="Path">The file.</param>
/// <param name="Batch">Images at a time.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Seconds">The seconds of each measured run, in the order they were taken.</param>
public sealed record InferenceTimes(string Path, int Batch, int Threads, IReadOnlyList<double> Seconds)
{
    /// <summary>Images a second, of the median run.</summary>
    public double ImagesPerSecond => Batch / Percentile(0.5);

    /// <summary>The seconds that a share of the runs took at most.</summary>
    public double Percentile(double share) => Seconds.Order().ElementAt(Math.Clamp((int)Math.Ceiling(share * Seconds.Count) - 1, 0, Seconds.Count - 1));
}

/// <summary>Times standard ONNX files in ONNX Runtime, in turn, on random images.</summary>
public static class InferenceBenchmark
{
    const int WarmUp = 3;

    /// <summary>Runs each file <paramref name="runs"/> times, the files one after the other in each round.</summary>
    /// <param name="paths">Files with one input, images as float32.</param>
    /// <param name="batch">Images at a time; a file that takes another number only is refused.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="runs">Measured runs of each, 1 or more.</param>
    /// <param name="cancellation">Ends the measurement between two runs.</param>
    /// <exception cref="LowbitException">A file cannot be run, or not with so many images at a time.</exception>
    public static IReadOnlyList<InferenceTimes> Run(IReadOnlyList<string> paths, int batch, int threads, int runs, CancellationToken cancellation = default)
    {
        var contestants = new List<Contestant>();
        try
        {
            foreach (string path in paths)
            {
                Check(path, batch);
                contestants.Add(new(path, batch, threads));
            }
            for (int run = 0; run < WarmUp + runs; run++)
                foreach (Contestant contestant in contestants)
                {
                    cancellation.ThrowIfCancellationRequested();
                    contestant.Run(isMeasured: run >= WarmUp);
                }
            return [.. contestants.Select(contestant => contestant.Times)];
        }
        finally
        {
            foreach (Contestant contestant in contestants) contestant.Dispose();
        }
    }

    /// <summary>The most memory that this process has taken by then: a file is loaded and run, nothing else, so that in a process of its own it is what the file takes.</summary>
    /// <param name="path">A file that <see cref="Run"/> takes.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="threads">Threads.</param>
    /// <returns>Bytes, those of .NET and ONNX Runtime included.</returns>
    /// <exception cref="LowbitException">The file cannot be run.</exception>
    public static long PeakMemory(string path, int batch, int threads)
    {
        using (var contestant = new Contestant(path, batch, threads))
            for (int run = 0; run < WarmUp; run++) contestant.Run(isMeasured: false);
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    static void Check(string path, int batch)
    {
        OnnxModel model = OnnxModel.Read(path);
        if (model.IsQonnx) throw new LowbitException($"{path} is QONNX, which ONNX Runtime does not run; export it with --format qcdq");
        int[] sizes = model.InputSizes ?? [];
        if (sizes.Length != 4 || sizes.Skip(1).Any(size => size < 1)) throw new LowbitException($"{path} cannot be timed: it does not say the size of its images");
        if (!model.HasOpenBatch && sizes[0] != batch) throw new LowbitException($"{path} takes {sizes[0]} images at a time, not {batch}; export it with --batch open");
    }

    sealed class Contestant : IDisposable
    {
        readonly InferenceSession session;
        readonly OrtValue images;
        readonly string input;
        readonly List<double> seconds = [];

        public Contestant(string path, int batch, int threads)
        {
            using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            session = Translated(path, () => new InferenceSession(path, options));
            (input, NodeMetadata images) = session.InputMetadata.Single();
            long[] shape = [batch, .. images.Dimensions.Skip(1).Select(size => (long)size)];
            var random = new Random(1);
            float[] pixels = new float[shape.Aggregate((product, size) => product * size)];
            for (int i = 0; i < pixels.Length; i++) pixels[i] = random.Next(256);
            this.images = OrtValue.CreateTensorValueFromMemory(pixels, shape);
            Translated(path, () => { Run(isMeasured: false); return 0; });
            Times = new(path, batch, threads, seconds);
        }

        public InferenceTimes Times { get; }

        public void Run(bool isMeasured)
        {
            long start = Stopwatch.GetTimestamp();
            using var options = new RunOptions();
            using var outputs = session.Run(options, [input], [images], session.OutputNames);
            if (isMeasured) seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        static T Translated<T>(string path, Func<T> run)
        {
            try
            {
                return run();
            }
            catch (OnnxRuntimeException problem)
            {
                throw new LowbitException($"{path} cannot be run: {NodeInference.OneLine(problem.Message)}", problem);
            }
        }

        public void Dispose()
        {
            images.Dispose();
            session.Dispose();
        }
    }
}
