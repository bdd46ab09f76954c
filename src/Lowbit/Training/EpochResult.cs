namespace Lowbit.Training;

/// <summary>What an epoch brought.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="LearningRate">The learning rate of its steps.</param>
/// <param name="Train">The score of the training images while they were trained on.</param>
/// <param name="Validation">The score of the validation images afterwards; null without any.</param>
/// <param name="Test">The score of the test images afterwards; null where they were not evaluated.</param>
/// <param name="TrainingSeconds">Seconds of training.</param>
/// <param name="Seconds">Seconds of training and evaluation.</param>
/// <param name="ImagesPerSecond">Training images a second.</param>
/// <param name="MemoryMegabytes">Memory of the process afterwards, in MiB.</param>
public sealed record EpochResult(
    int Epoch, double LearningRate, Score Train, Score? Validation, Score? Test, double TrainingSeconds, double Seconds, double ImagesPerSecond, double MemoryMegabytes)
{
    /// <summary>Images of all splits that were skipped because they cannot be read. Not kept in metrics.csv: 0 for epochs before a resume.</summary>
    public int Skipped { get; init; }

    /// <summary>How each quantized layer and activation uses its integers after the epoch, in the order of the graph; none for a float network.</summary>
    public IReadOnlyList<LayerHealth> Health { get; init; } = [];

    /// <summary>The score that decides which epoch is the best: of the validation images, else of the test images.</summary>
    public Score? Deciding => Validation ?? Test;
}

/// <summary>The result of a run.</summary>
/// <param name="Folder">The run folder; null where checkpoints are disabled.</param>
/// <param name="Epochs">All its epochs, those before an interruption included.</param>
/// <param name="Position">How far it came, and its best accuracy.</param>
/// <param name="Interrupted">Whether it was cancelled before its end.</param>
public sealed record RunResult(RunFolder? Folder, IReadOnlyList<EpochResult> Epochs, RunPosition Position, bool Interrupted)
{
    /// <summary>Whether it ended before its last epoch, by <c>training.patience</c>.</summary>
    public bool StoppedEarly { get; init; }
}
