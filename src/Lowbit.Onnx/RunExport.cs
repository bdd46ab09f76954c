using System.Globalization;
using System.Text.Json;
using Lowbit.Data;
using Lowbit.Export.Verification;
using Lowbit.Networks;
using Lowbit.Training;

namespace Lowbit.Export;

/// <summary>What an export of a run does beside writing the file.</summary>
public sealed record RunExportOptions
{
    /// <summary>Images that a file is verified on at least, where the dataset has so many test images.</summary>
    public const int FewestImages = 256;

    /// <summary>Whether the file is run on test images of the run's dataset, and kept only if it gives the network's logits.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Where test vectors go, <c>x</c> and <c>eval_logits</c> as the file takes and gives them, with <c>labels</c>; null writes none.</summary>
    public string? TestVectors { get; init; }

    /// <summary>Images in the test vectors.</summary>
    public int TestVectorImages { get; init; } = 64;

    /// <summary>The folder of datasets, where it is another one than in the run.</summary>
    public string? Root { get; init; }

    /// <summary>
    /// Gives the images to verify on, of the size, channels and classes that it is told, as <see cref="RunImages.Read"/> does from a file; by default they are test
    /// images of the run's dataset.
    /// </summary>
    public Func<DatasetInfo, IImageSource>? Images { get; init; }
}

/// <summary>The result of exporting a run.</summary>
/// <param name="Checkpoint">The checkpoint that was exported.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Report">What the verification showed; null where there was none.</param>
/// <param name="TiedVectors">Images that the test vectors could not be taken from because they hang on a rounding tie.</param>
/// <param name="NotFolded">Why batch norms are kept where they were to be folded; null where they are folded, or were to be kept.</param>
public sealed record RunExportResult(string Checkpoint, string Model, ExportReport? Report, int TiedVectors, string? NotFolded);

/// <summary>Exports what a training run left behind.</summary>
public static class RunExport
{
    /// <summary>Images at a time whose classes are compared with their labels.</summary>
    const int AccuracyBatch = 128;

    /// <summary>Exports the best checkpoint of a run.</summary>
    /// <param name="run">A run folder (its best checkpoint, else the latest), or a checkpoint file.</param>
    /// <param name="path">Where the file is to be.</param>
    /// <param name="options">How it is written; classes, dataset and accuracy are added to its metadata.</param>
    /// <param name="extras">What else is done.</param>
    /// <exception cref="LowbitException">
    /// There is no such run, its network cannot be written so, its dataset is not there to verify on, or the file does not give the network's logits.
    /// </exception>
    /// <exception cref="IOException">A folder cannot be written to; an existing file is unchanged.</exception>
    public static RunExportResult Write(string run, string path, ExportOptions options, RunExportOptions? extras = null)
    {
        extras ??= new();
        string source = RunFolder.FindCheckpoint(run, preferBest: true);
        OutputFile.Require(path, "the network", (source, "the checkpoint that is exported"));
        if (extras.TestVectors is { } vectorFile)
            OutputFile.Require(vectorFile, "the test vectors", (source, "the checkpoint that is exported"), (path, "the file of the network"));
        using Checkpoint checkpoint = Checkpoint.Read(source);
        using Network network = checkpoint.BuildNetwork();
        network.eval();
        options = options with { Metadata = MetadataOf(checkpoint).Concat(options.Metadata).DistinctBy(entry => entry.Key).ToDictionary() };
        if (!extras.Verify && extras.TestVectors is null)
        {
            string? reason = OnnxExport.Write(network, path, options);
            return new(checkpoint.Path, checkpoint.ModelName, null, 0, reason);
        }
        using DatasetSplits data = RunImages.Open(checkpoint, extras.Root, extras.Images?.Invoke(checkpoint.Dataset));
        using Batch images = FirstOf(data, Math.Max(RunExportOptions.FewestImages, extras.TestVectorImages));
        ExportReport? report = extras.Verify ? OnnxExport.WriteVerified(network, path, options, images.Images, data.EvaluationLoader(data.Test, AccuracyBatch).Epoch(0)) : null;
        string? notFolded = report is null ? OnnxExport.Write(network, path, options) : report.NotFolded;
        int tied = extras.TestVectors is not { } vectors ? 0
            : report?.Folded is null ? TestVectors.Write(network, vectors, options.Input, images, extras.TestVectorImages)
            : TestVectors.WriteOf(path, network, vectors, options.Input, images, extras.TestVectorImages);
        return new(checkpoint.Path, checkpoint.ModelName, report, tied, notFolded);
    }

    /// <summary>The first test images.</summary>
    internal static Batch TestImages(Checkpoint checkpoint, int count, RunExportOptions extras)
    {
        using DatasetSplits data = RunImages.Open(checkpoint, extras.Root, extras.Images?.Invoke(checkpoint.Dataset));
        return FirstOf(data, count);
    }

    static Batch FirstOf(DatasetSplits data, int count) => data.EvaluationLoader(data.Test, count).Epoch(0).First();

    /// <summary>What is worth knowing of a checkpoint: model, dataset, classes, epoch, and the accuracy where it is this one's.</summary>
    internal static Dictionary<string, string> MetadataOf(Checkpoint checkpoint)
    {
        var metadata = new Dictionary<string, string>
        {
            ["model"] = checkpoint.ModelName,
            ["dataset"] = checkpoint.Dataset.Name,
            ["classes"] = JsonSerializer.Serialize(checkpoint.Dataset.Classes),
            ["epoch"] = checkpoint.Position.Epoch.ToString(CultureInfo.InvariantCulture),
        };
        // The best accuracy is this checkpoint's own only where this is the checkpoint of the best epoch.
        if (checkpoint.Position is { Best: { } accuracy } position && position.BestEpoch == position.Epoch)
            metadata["accuracy"] = accuracy.ToString("R", CultureInfo.InvariantCulture);
        return metadata;
    }
}
