using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training.Health;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>One run: from a network, images and options to a trained network in its folder. A YAML file is one way to say all three.</summary>
public sealed class TrainingRun : IDisposable
{
    readonly RunOptions options;
    readonly RunStage? stage;
    readonly ITrainingObserver observer;
    readonly DatasetSplits data;
    readonly Network network;
    readonly Optimizer optimizer;
    readonly LearningRateSchedule schedule;
    readonly Loss loss;
    readonly EpochEvaluation evaluation;
    readonly Techniques techniques;
    readonly RunRecord? record;
    readonly List<EpochResult> results = [];
    readonly ScoreSum sum = new();
    readonly RunHealth health;
    RunPosition position = RunPosition.Start;

    TrainingRun(
        Graph graph, DatasetSplits data, RunOptions options, ResumePoint? from, RunStage? stage, ITrainingObserver observer, Action<Network> start, CancellationToken cancel)
    {
        (this.data, this.options, this.stage, this.observer) = (data, options, stage, observer);
        try
        {
            from?.RequireSameData(data);
            if (ChanceLevel.WarningOf(data.Train) is { } warning) observer.Notice(warning);
            loss = Losses.Create(options.Loss);
            evaluation = new(data, options, loss, observer);
            techniques = new(options, graph, data.Info);
            random.manual_seed(options.Seed.Value);
            network = new Network(MemoryNeed.RequireWeights(graph, RunFolder.ModelNameOf(options)), options.Training.UseKernels) { UseBfloat16 = options.Amp.Enabled };
            Losses.RequireClasses(options.Loss, graph.ShapeOf(graph.Output.Name).Channels);
            SingleValues.Refuse(graph, options.Training, data.Train.Count);
            if (cuda.is_available() && !options.Seed.Deterministic) network.MoveTo(CUDA);
            if (from is null) start(network);
            techniques.Begin(network);
            foreach (string notice in techniques.Notices) observer.Notice(notice);
            cancel.ThrowIfCancellationRequested();
            optimizer = Optimizer.Create(network, options.Optimizer);
            if (stage is not null) position = position with { Epoch = stage.EarlierEpochs, EarlierEpochs = stage.EarlierEpochs };
            schedule = LearningRateSchedule.Create(options.Scheduler, options.Optimizer.LearningRate, options.Training.Epochs - (from?.Position ?? position).EarlierEpochs);
            if (from is null) results.AddRange(stage?.Earlier ?? []);
            else
            {
                (position, IReadOnlyList<EpochResult> before) = from.Load(network, optimizer, schedule, sum, techniques);
                results.AddRange(before);
            }
            position = position with { TrainingImages = data.Train.Count };
            health = new(network, data, options, from?.Path);
            if (!options.Checkpoint.Enabled) return;
            RunLock hold = from?.Hold ?? stage?.Hold ?? RunFolder.Create(options, DatasetName, DateTime.Now);
            record = new(hold, stage?.Written ?? options, results, Save, observer.Notice) { ContinuedBy = (stage?.Run ?? hold.Folder).Path };
            record.Begin(position, from?.Path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Trains a network of the zoo as a YAML file describes it, until the last epoch, or until cancelled: then the state so far is written first.</summary>
    /// <exception cref="LowbitException">The dataset or the model cannot be had, the checkpoint to continue from does not fit, or the loss diverges.</exception>
    public static RunResult Run(RunConfiguration configuration, ITrainingObserver observer, CancellationToken cancel)
    {
        if (StagedRun.IsAsked(configuration)) return StagedRun.Run(configuration, observer, cancel);
        using ResumePoint? from = ResumePoint.Of(configuration);
        configuration = (RunConfiguration)(from?.Options ?? TrainingStages.Fixed(configuration).WithSeed());
        foreach (string change in from?.Changes ?? []) observer.Notice(change);
        using DatasetSplits data = Open(configuration, observer, cancel);
        return Run(configuration, data, from, null, observer, cancel);
    }

    /// <summary>The images of a run.</summary>
    internal static DatasetSplits Open(RunConfiguration configuration, ITrainingObserver observer, CancellationToken cancel)
    {
        DatasetSplits data = Datasets.Open(ConfiguredModel.ImagesFor(configuration), new ImmediateProgress(observer.Downloading), cancel);
        foreach (string notice in data.Notices) observer.Notice(notice);
        if (configuration.Dataset.Name != Digits.KeyName) observer.Notice($"images are read from {Path.GetFullPath(configuration.Dataset.Root)}");
        return data;
    }

    /// <summary>Trains a network of the zoo, or a stage of it, on images that remain the caller's.</summary>
    internal static RunResult Run(
        RunConfiguration configuration, DatasetSplits data, ResumePoint? from, RunStage? stage, ITrainingObserver observer, CancellationToken cancel)
    {
        MemoryNeed.Require(configuration, data.Info, data.Train.Count);
        Graph graph = from?.Graph ?? ConfiguredModel.Build(configuration, data.Info);
        if (from is null) configuration = (RunConfiguration)TimeBudget.Fix(configuration, graph, data, observer, cancel);
        if (from is null && ChosenDefaults.Of(configuration, graph) is { } chosen) observer.Notice(chosen);
        using var run = new TrainingRun(graph, data, configuration, from, stage, observer, network =>
        {
            if (configuration.Model.Pretrained is { } pretrained) PretrainedWeights.Load(network, pretrained, data, configuration, observer, cancel);
        }, cancel);
        return run.Run(cancel);
    }

    /// <summary>Trains any network on any images, until the last epoch, or until cancelled: then the state so far is written first.</summary>
    /// <param name="graph">The network, quantized or float, which takes raw pixels, 0 to 255, of the images' shape.</param>
    /// <param name="data">The images, which remain the caller's.</param>
    /// <param name="options">How it is trained; <see cref="CheckpointOptions.Resume"/> continues a run of the same network, images and options.</param>
    /// <param name="observer">Is told how the run goes; null for nobody.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <exception cref="ConfigurationException">A value of the options is not allowed, or another than that of the run to continue.</exception>
    /// <exception cref="LowbitException">The network does not fit the images, the checkpoint to continue from does not fit, or the loss diverges.</exception>
    public static RunResult Run(Graph graph, DatasetSplits data, RunOptions options, ITrainingObserver? observer = null, CancellationToken cancel = default)
    {
        if (options is RunConfiguration) throw new ArgumentException($"A {nameof(RunConfiguration)} names a network and a dataset of its own; give {nameof(RunOptions)}", nameof(options));
        OptionBounds.Require(options);
        GraphFit.Require(graph, data.Info, options);
        using ResumePoint? from = ResumePoint.Of(options);
        from?.RequireSameGraph(graph);
        observer ??= new NoObserver();
        foreach (string change in from?.Changes ?? []) observer.Notice(change);
        options = from?.Options ?? TimeBudget.Fix(options.WithSeed(), graph, data, observer, cancel);
        using var run = new TrainingRun(graph, data, options, from, null, observer, _ => { }, cancel);
        return run.Run(cancel);
    }

    /// <summary>What the folder of the dataset's runs is called.</summary>
    string DatasetName => (options as RunConfiguration)?.Dataset.Name ?? data.Info.Name;

    RunResult Run(CancellationToken cancel)
    {
        observer.Started(new(record?.Folder, network.Graph, RunFolder.ModelNameOf(options), data.Info,
            data.Train.Count, data.Validation?.Count ?? 0, data.Test.Count, network.Device.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu", position)
        {
            Options = options,
            ContinuedBy = record?.ContinuedBy,
            Stage = stage?.Title,
            Earlier = [.. results],
        });
        DataLoader loader = data.TrainingLoader(options.Training.BatchSize, options.Seed.Value);
        if (position.Batch < 0 || position.Batch > loader.BatchCount)
            throw new LowbitException($"{options.Checkpoint.Resume} goes on after batch {position.Batch} of an epoch that has {loader.BatchCount}; continue from another one");
        while (position.Epoch < options.Training.Epochs && !EarlyStop.Is(options.Training, position))
        {
            if (RunEpoch(loader, position.Epoch + 1, cancel)) continue;
            record?.Interrupt();
            return new(record?.Folder, results, position, Interrupted: true);
        }
        if (techniques.Result is { } outcome) observer.Notice(outcome);
        bool early = position.Epoch < options.Training.Epochs;
        if (early) observer.Notice(EarlyStop.Reason(options.Training, position));
        return new(record?.Folder, results, position, Interrupted: false) { StoppedEarly = early };
    }

    /// <summary>Trains and evaluates one epoch; false when cancelled within it.</summary>
    bool RunEpoch(DataLoader loader, int epoch, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        int first = position.Batch;
        double rate = schedule.RateOf(epoch - position.EarlierEpochs);
        int done = new Trainer(network, loss, optimizer)
        {
            Techniques = techniques,
            Progress = batch => (epoch - 1 - position.EarlierEpochs + (double)batch / loader.BatchCount) / (options.Training.Epochs - position.EarlierEpochs),
            Explain = health.Explain,
        }.Train(
            loader.Epoch(epoch, first, cancel), first, loader.BatchCount, batch => schedule.RateOf(epoch - position.EarlierEpochs, batch, loader.BatchCount), sum,
            (batch, elapsed) => Report(epoch, loader, batch, first, elapsed), cancel);
        position = position with { Batch = done };
        if (done < loader.BatchCount) return false;
        double trainingSeconds = clock.Elapsed.TotalSeconds;
        Score train = sum.Read();
        int skipped = EpochEvaluation.Skipped(loader, "training", observer), skippedInEvaluation;
        Score? validation, test;
        IReadOnlyList<LayerHealth> layers;
        try
        {
            (validation, test, skippedInEvaluation) = evaluation.Of(techniques.Evaluated(network), epoch, position, cancel);
            layers = health.Measure(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return false;   // all batches are done, and their sums kept: what continues from here evaluates first
        }
        sum.Clear();
        var result = new EpochResult(epoch, rate, train, validation, test, trainingSeconds, clock.Elapsed.TotalSeconds,
            (loader.ImagesFrom(first) - loader.Skipped) / trainingSeconds, Environment.WorkingSet / (double)(1 << 20))
        { Skipped = skipped + skippedInEvaluation, Health = layers };
        Finish(result);
        if (health.Notice(result, loader.BatchCount) is { } notice) observer.Notice(notice);
        return true;
    }

    void Finish(EpochResult result)
    {
        results.Add(result);
        Score deciding = result.Deciding!;
        bool isBest = position.Best is not { } best || deciding.Top1 > best;
        position = position with { Epoch = result.Epoch, Batch = 0 };
        if (isBest) position = position with { Best = deciding.Top1, BestEpoch = result.Epoch };
        schedule.Observe(result.Epoch - position.EarlierEpochs, deciding.Loss, deciding.Top1);
        record?.FinishEpoch(position);
        observer.EpochFinished(result, isBest);
    }

    void Save(string path)
    {
        if (StateNumbers.FirstWrong(network) is { } wrong)
            throw new LowbitException($"{path} is not written: {wrong}. {health.ToChange(schedule.RateOf(position.Epoch + 1))}");
        Checkpoint.Write(path, options, network.Graph, data.Info, position, techniques.Evaluated(network).State, optimizer, schedule, sum.State, techniques.State);
    }

    void Report(int epoch, DataLoader loader, int done, int first, TimeSpan elapsed) => observer.Progressed(new(
        epoch, options.Training.Epochs, done, loader.BatchCount, sum.Read(),
        (loader.ImagesFrom(first) - loader.ImagesFrom(done)) / elapsed.TotalSeconds,
        elapsed / (done - first) * (loader.BatchCount - done)));

    /// <inheritdoc/>
    public void Dispose()
    {
        record?.Dispose();
        sum.Dispose();
        health?.Dispose();
        techniques?.Dispose();   // null where the constructor did not come so far
        optimizer?.Dispose();
        network?.Dispose();
    }
}
