using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>What a run came to.</summary>
/// <param name="Folder">Where it left what it made; null where checkpoints are disabled.</param>
/// <param name="Epochs">All its epochs, those before an interruption included.</param>
/// <param name="Position">How far it came, and its best accuracy.</param>
/// <param name="Interrupted">Whether it was cancelled before its end.</param>
public sealed record RunResult(RunFolder? Folder, IReadOnlyList<EpochResult> Epochs, RunPosition Position, bool Interrupted);

/// <summary>One run: from a configuration to a trained network in its folder.</summary>
public sealed class TrainingRun : IDisposable
{
    readonly RunConfiguration configuration;
    readonly ITrainingObserver observer;
    readonly DatasetSplits data;
    readonly Network network;
    readonly Optimizer optimizer;
    readonly LearningRateSchedule schedule;
    readonly Loss loss;
    readonly RunFolder? folder;
    readonly List<EpochResult> results = [];
    readonly ScoreSum sum = new();
    RunPosition position = RunPosition.Start;

    TrainingRun(RunConfiguration asked, ITrainingObserver observer, CancellationToken cancel)
    {
        this.observer = observer;
        configuration = WithSeed(asked);
        try
        {
            data = Datasets.Open(ConfiguredModel.ImagesFor(configuration), new Progress(observer.Downloading), cancel);
            loss = Losses.Create(configuration.Loss);
            random.manual_seed(configuration.Seed.Value);
            network = new Network(ConfiguredModel.Build(configuration, data.Info), configuration.Training.UseKernels) { UseBfloat16 = configuration.Amp.Enabled };
            Losses.RequireClasses(configuration.Loss, network.Graph.ShapeOf(network.Graph.Nodes[^1].Name).Channels);
            SingleValues.Refuse(network.Graph, configuration.Training, data.Train.Count);
            if (cuda.is_available() && !configuration.Seed.Deterministic) network.MoveTo(CUDA);
            if (configuration.Model.Pretrained is { } pretrained) PretrainedWeights.Load(network, pretrained, data, configuration, observer, cancel);
            optimizer = Optimizer.Create(network, configuration.Optimizer);
            schedule = LearningRateSchedule.Create(configuration.Scheduler, configuration.Optimizer.LearningRate, configuration.Training.Epochs);
            folder = configuration.Checkpoint.Resume is { } resume ? Resume(resume)
                : configuration.Checkpoint.Enabled ? RunFolder.Create(configuration, DateTime.Now)
                : null;
            if (folder is not null) AtomicFile.WriteText(folder.Configuration, ConfigurationWriter.Write(configuration));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Trains until the last epoch, or until cancelled: then the state so far is written first.</summary>
    /// <exception cref="LowbitException">The dataset or the model cannot be had, the checkpoint to continue from does not fit, or the loss diverges.</exception>
    public static RunResult Run(RunConfiguration configuration, ITrainingObserver observer, CancellationToken cancel)
    {
        using var run = new TrainingRun(configuration, observer, cancel);
        return run.Run(cancel);
    }

    RunResult Run(CancellationToken cancel)
    {
        observer.Started(new(folder, network.Graph, configuration.Model.Name, data.Info,
            data.Train.Count, data.Validation?.Count ?? 0, data.Test.Count, network.Device.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu", position));
        TensorboardCurves? curves = TensorboardCurves.Open(configuration, folder);
        DataLoader loader = data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value);
        while (position.Epoch < configuration.Training.Epochs)
        {
            if (RunEpoch(loader, position.Epoch + 1, cancel) is not { } result)
            {
                SaveLatest();
                return new(folder, results, position, Interrupted: true);
            }
            curves?.Add(result);
        }
        return new(folder, results, position, Interrupted: false);
    }

    /// <summary>Trains and evaluates one epoch; null when cancelled within it.</summary>
    EpochResult? RunEpoch(DataLoader loader, int epoch, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        int first = position.Batch;
        double rate = schedule.RateOf(epoch);
        int done = new Trainer(network, loss, optimizer).Train(
            loader.Epoch(epoch, first), first, loader.BatchCount, rate, sum,
            (batch, elapsed) => Report(epoch, loader, batch, first, elapsed), cancel);
        position = position with { Batch = done };
        if (done < loader.BatchCount) return null;
        double trainingSeconds = clock.Elapsed.TotalSeconds;
        Score train = sum.Read();
        Score? validation, test;
        try
        {
            validation = data.Validation is { } split ? Evaluate(split, configuration.Seed.ValSeed ?? configuration.Seed.Value + 1, cancel) : null;
            bool testNow = validation is null || epoch % configuration.Training.TestFrequency == 0 || epoch == configuration.Training.Epochs;
            test = testNow ? Evaluate(data.Test, configuration.Seed.TestSeed ?? configuration.Seed.Value + 2, cancel) : null;
        }
        catch (OperationCanceledException)
        {
            return null;   // all batches are done, and their sums kept: what continues from here evaluates first
        }
        sum.Clear();
        var result = new EpochResult(epoch, rate, train, validation, test, trainingSeconds, clock.Elapsed.TotalSeconds,
            loader.ImagesFrom(first) / trainingSeconds, Environment.WorkingSet / (double)(1 << 20));
        Finish(result);
        return result;
    }

    Score Evaluate(IImageSource split, int seed, CancellationToken cancel)
    {
        random.manual_seed(seed);
        return Evaluation.Of(network, data.EvaluationLoader(split, configuration.Training.BatchSize).Epoch(0), loss, cancel).Score;
    }

    void Finish(EpochResult result)
    {
        results.Add(result);
        Score deciding = result.Deciding!;
        bool isBest = position.Best is not { } best || deciding.Top1 > best;
        position = isBest ? new(result.Epoch, 0, deciding.Top1, result.Epoch) : position with { Epoch = result.Epoch, Batch = 0 };
        schedule.Observe(result.Epoch, deciding.Loss, deciding.Top1);
        if (folder is not null)
        {
            if (isBest && configuration.Checkpoint.SaveBest) Save(folder.Best);
            if (result.Epoch % configuration.Checkpoint.SaveFrequency == 0) Save(folder.Epoch(result.Epoch));
            MetricsFile.Write(folder.Metrics, results);
            LearningCurve.Write(folder.Curve, $"{configuration.Model.Name} on {configuration.Dataset.Name}", results);
            SaveLatest();   // the last of the files: whoever continues from it finds the others at least as new
        }
        observer.EpochFinished(result, isBest);
    }

    void SaveLatest()
    {
        if (folder is not null) Save(folder.Latest);
    }

    void Save(string path)
    {
        if (StateNumbers.FirstWrong(network) is { } wrong)
            throw new LowbitException($"{path} is not written: {wrong}; a lower optimizer.learning_rate or more scheduler.warmup_epochs may help");
        Checkpoint.Write(path, configuration, data.Info, position, network.State, optimizer, schedule, sum.State);
    }

    RunFolder Resume(string path)
    {
        string file = RunFolder.FindCheckpoint(path, preferBest: false);
        using Checkpoint checkpoint = Checkpoint.Read(file);
        checkpoint.LoadInto(network);
        optimizer.Load(checkpoint.OptimizerState, file);
        position = checkpoint.Position;
        if (data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value).BatchCount is var batches && position.Batch > batches)
            throw new LowbitException($"{file} goes on behind batch {position.Batch} of an epoch that has {batches}");
        sum.State = checkpoint.ScoreState;
        if (checkpoint.Schedule.Length > 0) schedule.State = checkpoint.Schedule;
        RunFolder run = RunFolder.Of(file) ?? RunFolder.Create(configuration, DateTime.Now);
        results.AddRange(MetricsFile.Read(run.Metrics, position.Epoch));
        return run;
    }

    void Report(int epoch, DataLoader loader, int done, int first, TimeSpan elapsed) => observer.Progressed(new(
        epoch, configuration.Training.Epochs, done, loader.BatchCount, sum.Read(),
        (loader.ImagesFrom(first) - loader.ImagesFrom(done)) / elapsed.TotalSeconds,
        elapsed / (done - first) * (loader.BatchCount - done)));

    /// <summary>A run without a seed draws one and keeps it, so that it can be continued.</summary>
    static RunConfiguration WithSeed(RunConfiguration asked) => asked.Seed.Enabled
        ? asked
        : asked with { Seed = asked.Seed with { Enabled = true, Value = Random.Shared.Next() - 2 } };

    /// <inheritdoc/>
    public void Dispose()
    {
        sum.Dispose();
        optimizer?.Dispose();   // null where the constructor did not come so far
        network?.Dispose();
        data?.Dispose();
    }

    /// <summary>Reports on the reporting thread, unlike <see cref="Progress{T}"/>.</summary>
    sealed class Progress(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }
}
