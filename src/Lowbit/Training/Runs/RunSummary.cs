using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Graphs;

namespace Lowbit.Training.Runs;

/// <summary>A run and its results, read from its folder without its tensors.</summary>
/// <param name="Folder">The run's folder, by its full path.</param>
/// <param name="Options">How it trains.</param>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Network">What the network holds and does for one image.</param>
/// <param name="IsQuantized">Whether it is a quantized network.</param>
/// <param name="Position">How far it has come, and its best accuracy.</param>
/// <param name="Epochs">The epochs that are finished; those of which a run's metrics.csv is gone are missing.</param>
/// <param name="Date">When it was last written to, local time.</param>
/// <param name="State">How it stands.</param>
public sealed record RunSummary(
    RunFolder Folder, RunOptions Options, string Dataset, Summary Network, bool IsQuantized, RunPosition Position, IReadOnlyList<EpochResult> Epochs, DateTime Date, RunState State)
{
    /// <summary>The checkpoint that this was read from: the newest or, where a checkpoint was given, that one.</summary>
    public string Checkpoint { get; init; } = "";

    /// <summary>What the network is called.</summary>
    public string Model => RunFolder.ModelNameOf(Options);

    /// <summary>Bits of weights and of activations as configured, 4/4; where layers have their own, or a program made the network, their means; 32 for float.</summary>
    public string Bits => !IsQuantized ? "32"
        : Options is RunConfiguration { Quantization: { Overrides.Count: 0 } configured } ? $"{configured.WeightBitWidth}/{configured.ActBitWidth}"
        : string.Create(CultureInfo.InvariantCulture, $"{Network.WeightBitWidth:0.#}/{Network.InputBitWidth:0.#}");

    /// <summary>The score that decides of the last epoch, 0 to 1: of the validation images, else of the test images; null before the first.</summary>
    public double? LastAccuracy => Epochs.Count == 0 ? null : Epochs[^1].Deciding?.Top1;

    /// <summary>The same of the best epoch.</summary>
    public double? BestAccuracy => Position.Best;

    /// <summary>Reads a run.</summary>
    /// <param name="path">A run folder, or a checkpoint in one.</param>
    /// <exception cref="LowbitException">It is no run, has no checkpoint yet, or is damaged.</exception>
    public static RunSummary Read(string path)
    {
        string newest = RunFolder.OfStages(path) is { } staged ? StagedRun.NewestCheckpoint(staged) : RunFolder.FindCheckpoint(path, preferBest: false);
        RunFolder folder = RunFolder.OfStages(path) ?? RunFolder.Of(newest) ?? throw new LowbitException($"{path} is not the folder of a run, or a checkpoint in one");
        CheckpointHead head = CheckpointHead.Read(newest);
        RunOptions options = head.Options;
        RunFolder trained = RunFolder.Of(newest) ?? folder;
        bool isLastStage = Path.GetFullPath(trained.Path) == Path.GetFullPath(folder.Path);
        int epochs = isLastStage ? options.Training.Epochs : folder.ReadStagedOptions().Training.Epochs;
        bool isDone = isLastStage && (head.Position.Epoch >= epochs || EarlyStop.Is(options.Training, head.Position));
        if (!isLastStage) options = options with { Training = options.Training with { Epochs = epochs } };
        return new(
            folder, options, head.Dataset.Name, Summary.Of(head.Graph), head.Graph.IsQuantized, head.Position,
            MetricsFile.Read(trained.Metrics, head.Position.Epoch), File.GetLastWriteTime(newest),
            RunLock.IsTaken(folder) ? RunState.Running : isDone ? RunState.Done : RunState.Interrupted)
        {
            Checkpoint = newest,
        };
    }
}
