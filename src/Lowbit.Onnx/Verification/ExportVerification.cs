using System.Globalization;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// Reads a written file back and holds it against the network: exactly in double precision, and once more in the single precision of those who will
/// run it. Single precision may round ties the other way; such images are proven to be that, and counted.
/// </summary>
sealed class ExportVerification : IDisposable
{
    /// <summary>What a file's constants may lose by being float32.</summary>
    const double DoubleTolerance = 1e-5;

    /// <summary>What sums in single precision may lose.</summary>
    const double SingleTolerance = 1e-4;

    /// <summary>What single precision may be off, in steps of a quantizer: some hundred times what was seen in trained networks.</summary>
    const double SingleNearness = 1e-3;

    /// <summary>The same, where only the weights are rounded to single precision.</summary>
    const double RoundedWeightsNearness = 1e-4;

    /// <summary>Images at a time, as many as ONNX Runtime is given where the file leaves the number open.</summary>
    const int BatchSize = 32;

    readonly Network network;
    readonly Network exact;
    readonly Tensor images;
    readonly ExportOptions options;
    readonly string path;

    ExportVerification(Network network, string path, ExportOptions options, Tensor pixels)
    {
        this.network = network;
        this.path = path;
        exact = DoublePrecision.Of(network, options.Input == ExportInput.Normalized);
        images = ExportImages.Of(network, pixels, options.Input);
        this.options = options;
    }

    /// <summary>Verifies a file, the network being in evaluation mode.</summary>
    /// <param name="network">The network that the file was written from.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it was written.</param>
    /// <param name="pixels">Raw images [N, C, H, W].</param>
    /// <exception cref="LowbitException">The file does not give the network's logits.</exception>
    public static ExportReport Run(Network network, string path, ExportOptions options, Tensor pixels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var verification = new ExportVerification(network, path, options, pixels);
        return verification.Run(pixels);
    }

    ExportReport Run(Tensor pixels)
    {
        var expected = new Logits(InBatches(exact.forward, images));
        Tensor? integers = IntegerLogits.Of(network, exact, options.Input, pixels, BatchSize);
        var (difference, ties) = CompareExactly(expected, integers);
        var runs = new List<SinglePrecisionRun>
        {
            Compare(expected, "the network in float32", InBatches(network.forward, pixels), batch => TieSearch.IntegersOf(network, Batch(pixels, batch))),
        };
        if (!OnnxModel.Read(path).IsQonnx) runs.AddRange([CompareInOnnxRuntime(expected, optimize: false), CompareInOnnxRuntime(expected, optimize: true)]);
        return new((int)images.shape[0], difference, runs) { InIntegers = integers is not null, Ties = ties };
    }

    (double Difference, int Ties) CompareExactly(Logits expected, Tensor? integers)
    {
        using var file = OnnxNetwork.Load(path, OnnxEngine.Interpreter);
        Tensor actual = file.Run(images);
        if (integers is not null) CompareExactly(new Logits(integers.to(float64)), actual, "in integers");
        return CompareExactly(expected, actual, "by the interpreter in double precision");
    }

    (double Difference, int Ties) CompareExactly(Logits expected, Tensor actual, string where)
    {
        var (differences, _, others) = Others(expected, actual, DoubleTolerance);
        using InterpreterTrace? trace = others.Length > 0 && ExportFormats.FormOf(network.Graph, options).RoundsWeights ? new(path, exact) : null;
        var search = new TieSearch(exact, RoundedWeightsNearness);
        foreach (int i in others)
        {
            using var scope = NewDisposeScope();
            Tensor image = images.narrow(0, i, 1);
            if (trace is null || !search.FirstDifferAtTies(image, trace.IntegersOf(image))[0]) throw Refused(others.Length, i, differences[i], where);
        }
        return (LargestBut(others, differences), others.Length);
    }

    SinglePrecisionRun CompareInOnnxRuntime(Logits expected, bool optimize)
    {
        Tensor actual;
        using (var file = OnnxNetwork.Load(path, optimize ? OnnxEngine.OnnxRuntime : OnnxEngine.OnnxRuntimePlain)) actual = file.Run(images);
        return Compare(expected, $"ONNX Runtime {(optimize ? "with" : "without")} graph optimizations", actual, batch =>
        {
            using var trace = new OnnxRuntimeTrace(path, optimize, exact, options.Batch);
            return trace.IntegersOf(Batch(images, batch).to(float32));
        });
    }

    SinglePrecisionRun Compare(Logits expected, string name, Tensor actual, Func<int, Dictionary<string, Tensor>> integersOf)
    {
        var (differences, sameTop1, others) = Others(expected, actual, SingleTolerance);
        var search = new TieSearch(exact, SingleNearness);
        foreach (var batch in others.GroupBy(image => image / BatchSize))
        {
            using var scope = NewDisposeScope();
            bool[] tied = search.FirstDifferAtTies(Batch(images, batch.Key), integersOf(batch.Key));
            foreach (int image in batch.Where(image => !tied[image % BatchSize])) throw Refused(others.Length, image, differences[image], $"in {name}");
        }
        return new(name, LargestBut(others, differences), others.Length, others.Count(image => !sameTop1[image]));
    }

    /// <summary>Each image's difference, whether its class is the same, and the images that have other logits or another class.</summary>
    static (double[] Differences, bool[] SameTop1, int[] Others) Others(Logits expected, Tensor actual, double tolerance)
    {
        double[] differences = expected.Differences(actual);
        bool[] sameTop1 = expected.SameTop1(actual, tolerance);
        return (differences, sameTop1, [.. Enumerable.Range(0, differences.Length).Where(i => !sameTop1[i] || differences[i] > tolerance)]);
    }

    static double LargestBut(int[] others, double[] differences) => differences.Except(others.Select(image => differences[image])).DefaultIfEmpty(0).Max();

    static Tensor InBatches(Func<Tensor, Tensor> forward, Tensor source) =>
        cat([.. Enumerable.Range(0, (int)((source.shape[0] + BatchSize - 1) / BatchSize)).Select(i => forward(Batch(source, i)))], 0);

    static Tensor Batch(Tensor source, int index) => source.narrow(0, (long)index * BatchSize, Math.Min(BatchSize, source.shape[0] - (long)index * BatchSize));

    static LowbitException Refused(int count, int image, double difference, string where) => new(string.Create(CultureInfo.InvariantCulture,
        $"{count} images have other logits in the file than in the network ({where}; image {image} by {difference:g2} of the largest logit, and no rounding tie explains it)"));

    public void Dispose() => exact.Dispose();
}
