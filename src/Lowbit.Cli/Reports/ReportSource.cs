using Lowbit.Cli.Display;
using Lowbit.Data;
using Lowbit.Networks;
using Lowbit.Training;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Reports;

/// <summary>
/// What a report is made of: the run, a checkpoint of it and, where they are there, images. The checkpoint is the one that was named; of a run the best, where validation
/// images chose it, else the newest: test images that chose a network say too much good of it.
/// </summary>
sealed class ReportSource : IDisposable
{
    readonly List<string> missing = [];

    /// <summary>Opens a run.</summary>
    /// <param name="path">A run folder, or a checkpoint in one.</param>
    /// <param name="root">The folder of datasets, where it is another one than in the run.</param>
    /// <param name="images">A file of images in the place of the run's dataset; null for that.</param>
    /// <exception cref="LowbitException">It is no run, has no checkpoint, is damaged, or the images that were given cannot be used.</exception>
    public ReportSource(string path, string? root, string? images)
    {
        Run = RunSummary.Read(path);
        Folder = RunFolder.Of(Run.Checkpoint) ?? Run.Folder;
        bool isNamed = File.Exists(path), isChosen = Run.Epochs.Any(epoch => epoch.Validation is not null) && File.Exists(Folder.Best);
        Checkpoint = Checkpoint.Read(!isNamed && isChosen ? Folder.Best : Run.Checkpoint);
        try
        {
            Network = Checkpoint.BuildNetwork();
            Network.eval();
            Images = Open(root, images);
        }
        catch
        {
            Dispose();
            throw;
        }
        Argument = isNamed ? path : NearPath.Of(Folder.Path);
        WhyThisCheckpoint = isNamed ? "the one that was given"
            : isChosen ? "the best by the validation images"
            : "the newest: without validation images (dataset.val_split) the best is chosen by the test images themselves";
    }

    public RunSummary Run { get; }

    /// <summary>The folder that the checkpoint lies in: the run's or, where that has stages, that of a stage.</summary>
    public RunFolder Folder { get; }

    /// <summary>What other commands are given to work on it.</summary>
    public string Argument { get; }

    public Checkpoint Checkpoint { get; }

    public string WhyThisCheckpoint { get; }

    /// <summary>In evaluation mode.</summary>
    public Network Network { get; } = null!;

    /// <summary>Null where the run's images are not there.</summary>
    public DatasetSplits? Images { get; }

    /// <summary>What the report has to do without, a sentence each.</summary>
    public IReadOnlyList<string> Missing => missing;

    /// <summary>Does what may fail because something of the run is not there or damaged; then the report goes without.</summary>
    public T? Try<T>(string what, Func<T?> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is LowbitException or IOException or UnauthorizedAccessException)
        {
            Miss(what, problem.Message);
            return null;
        }
    }

    /// <summary>Notes that the report goes without something.</summary>
    public void Miss(string what, string why) => missing.Add($"{what}: {Printable.Lines(why.TrimEnd('.'))}.");

    DatasetSplits? Open(string? root, string? images) => images is not null
        ? RunImages.Open(Checkpoint, root, RunImages.Read(images, Checkpoint.Dataset))
        : Try("No accuracy by class, confusion matrix and mistakes", () => RunImages.Open(Checkpoint, root));

    public void Dispose()
    {
        Images?.Dispose();
        Network?.Dispose();
        Checkpoint.Dispose();
    }
}
