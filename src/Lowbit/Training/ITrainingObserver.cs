using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;

namespace Lowbit.Training;

/// <summary>Is told how a run goes: a progress display, a log, a picture of the learning curve. Whatever an observer does not implement, it is not told.</summary>
public interface ITrainingObserver
{
    /// <summary>A dataset is being downloaded.</summary>
    void Downloading(DownloadProgress progress)
    {
    }

    /// <summary>Training begins.</summary>
    void Started(RunStart start)
    {
    }

    /// <summary>Something that a user should know, in one sentence.</summary>
    void Notice(string message)
    {
    }

    /// <summary>A few times a second while an epoch runs.</summary>
    void Progressed(EpochProgress progress)
    {
    }

    /// <summary>An epoch is over, its checkpoint written.</summary>
    void EpochFinished(EpochResult result, bool isBest)
    {
    }
}

/// <summary>What a run begins with.</summary>
/// <param name="Folder">Where it leaves what it makes; null where checkpoints are disabled.</param>
/// <param name="Model">The network, as data.</param>
/// <param name="ModelName">The network's name.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="TrainingImages">Images to train on.</param>
/// <param name="ValidationImages">Images kept aside for validation.</param>
/// <param name="TestImages">Images to test on.</param>
/// <param name="Device">What computes, "cpu" or "cuda".</param>
/// <param name="Position">Where the run goes on from.</param>
public sealed record RunStart(
    RunFolder? Folder, Graph Model, string ModelName, DatasetInfo Dataset,
    int TrainingImages, int ValidationImages, int TestImages, string Device, RunPosition Position)
{
    /// <summary>How the run trains.</summary>
    public required RunOptions Options { get; init; }

    /// <summary>What a user names to continue the run: its folder, or of a stage that of the whole run; null where checkpoints are disabled.</summary>
    public string? ContinuedBy { get; init; }

    /// <summary>Which stage of the run begins, as in "stage 2 of 3 (8 bits)"; null in a run without stages.</summary>
    public string? Stage { get; init; }

    /// <summary>The epochs before, of a run that is resumed and of earlier stages.</summary>
    public IReadOnlyList<EpochResult> Earlier { get; init; } = [];
}

/// <summary>How far an epoch has come.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="Batch">Batches that are done.</param>
/// <param name="Batches">Batches of the epoch.</param>
/// <param name="Score">The score of the epoch's images so far.</param>
/// <param name="ImagesPerSecond">Images a second.</param>
/// <param name="TimeLeft">Until the end of the epoch's training, at this speed.</param>
public sealed record EpochProgress(int Epoch, int Epochs, int Batch, int Batches, Score Score, double ImagesPerSecond, TimeSpan TimeLeft);
