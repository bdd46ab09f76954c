using Lowbit.Configuration;
using Lowbit.Training;
using Lowbit.Training.Runs;

namespace Lowbit.Cli.Tests;

/// <summary>Two small runs that are done, and one that was interrupted.</summary>
public sealed class SomeRuns : IDisposable
{
    readonly TemporaryFolder folder = new();

    public SomeRuns()
    {
        Train("float", "resnet20", 4, CancellationToken.None);
        Train("w2a4", "quant_resnet20", 2, CancellationToken.None);
        Train("half", "quant_resnet20", 4, new(canceled: true));
        Runs = RunList.In(folder.Path).Runs;
    }

    /// <summary>By name: float, half, w2a4.</summary>
    internal IReadOnlyList<RunSummary> Runs { get; }

    public string Path => folder.Path;

    public string PathOf(params string[] parts) => folder.PathOf(parts);

    public void Dispose() => folder.Dispose();

    void Train(string name, string model, int bits, CancellationToken cancel)
    {
        var run = new RunConfiguration
        {
            Dataset = new() { Name = "digits", Limit = 32, ImageSize = 16 },
            Model = new() { Name = model },
            Quantization = new() { WeightBitWidth = bits, ActBitWidth = 4, CollectStatsSteps = 1 },
            Training = new() { BatchSize = 32, Epochs = 1 },
            Checkpoint = new() { Dir = folder.PathOf("runs"), ExperimentName = name },
        };
        using var stop = new CancellationTokenSource();
        TrainingRun.Run(run, new AtStart(cancel.IsCancellationRequested ? stop.Cancel : () => { }), stop.Token);
    }

    /// <summary>Does something when training begins.</summary>
    sealed class AtStart(Action act) : ITrainingObserver
    {
        public void Downloading(Data.DownloadProgress progress)
        {
        }

        public void Started(RunStart start) => act();

        public void Notice(string message)
        {
        }

        public void Progressed(EpochProgress progress)
        {
        }

        public void EpochFinished(EpochResult result, bool isBest)
        {
        }
    }
}
