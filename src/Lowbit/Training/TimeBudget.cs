using System.Diagnostics;
using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Fixes the number of epochs of a run that has <c>training.max_minutes</c>, before it begins, so that from then on it is a run of that many epochs: a copy of the network takes 50 steps
/// and evaluates as many batches, and is thrown away. Learning rates depend on the number of epochs from the first step on, so that these steps cannot be the run's own.
/// </summary>
static class TimeBudget
{
    const int Steps = 50, FewestSteps = 3;

    /// <summary>As much of the minutes as the measurement may take.</summary>
    const double LargestPart = 0.1;

    /// <summary>The options with the number of epochs that fit; as they are where they have no <c>training.max_minutes</c>.</summary>
    /// <param name="options">What the run is asked for.</param>
    /// <param name="graph">Its network; of a run of stages, the last one's.</param>
    /// <param name="data">Its images.</param>
    /// <param name="observer">Is told the number.</param>
    /// <param name="cancel">Ends the measurement early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static RunOptions Fix(RunOptions options, Graph graph, DatasetSplits data, ITrainingObserver observer, CancellationToken cancel)
    {
        if (options.Training.MaxMinutes is not { } minutes) return options;
        observer.Notice(Line($"training.max_minutes is {minutes:0.##}: the speed of up to {Steps} steps is measured"));
        var clock = Stopwatch.StartNew();
        double epoch = SecondsOfAnEpoch(options, graph, data, TimeSpan.FromMinutes(minutes * LargestPart), cancel);
        double left = minutes * 60 - clock.Elapsed.TotalSeconds;
        int epochs = (int)Math.Clamp(left / epoch, 1, options.Training.Epochs);
        observer.Notice(Line($"an epoch takes about {epoch:0.#} s, so that {epochs} {(epochs == 1 ? "epoch is" : "epochs are")} trained")
            + (epoch > left ? ", which ends later than training.max_minutes" : epochs == options.Training.Epochs ? ", as many as training.epochs allows" : ""));
        return options with
        {
            Training = options.Training with { Epochs = epochs, MaxMinutes = null },
            Scheduler = options.Scheduler.WarmupEpochs >= epochs ? options.Scheduler with { WarmupEpochs = epochs - 1 } : options.Scheduler,
        };
    }

    static double SecondsOfAnEpoch(RunOptions options, Graph graph, DatasetSplits data, TimeSpan most, CancellationToken cancel)
    {
        Losses.RequireClasses(options.Loss, graph.ShapeOf(graph.Output.Name).Channels);
        SingleValues.Refuse(graph, options.Training, data.Train.Count);
        using var scope = NewDisposeScope();
        using var network = new Network(MemoryNeed.RequireWeights(graph, RunFolder.ModelNameOf(options)), options.Training.UseKernels) { UseBfloat16 = options.Amp.Enabled };
        if (cuda.is_available() && !options.Seed.Deterministic) network.MoveTo(CUDA);
        using Optimizer optimizer = Optimizer.Create(network, options.Optimizer);
        using var sum = new ScoreSum();
        Loss loss = Losses.Create(options.Loss);
        using var techniques = new Techniques(options, graph, data.Info);
        techniques.Begin(network);
        var trainer = new Trainer(network, loss, optimizer) { Techniques = techniques };
        DataLoader training = data.TrainingLoader(options.Training.BatchSize, options.Seed.Value);
        using (Batch first = training.Epoch(1, 0, cancel).First()) network.Calibrate([first.Images]);   // most steps of a run collect no statistics any more
        network.train();
        double step = PerBatch(training.Epoch(1, 0, cancel), batch =>
        {
            using (batch) trainer.Step(batch, learningRate: 0, sum);
        }, most / 2, cancel);
        DataLoader deciding = data.EvaluationLoader(data.Validation ?? data.Test, options.Training.BatchSize);
        double evaluation = PerBatch(deciding.Epoch(0, cancel: cancel), batch => Evaluation.Of(network, [batch], loss, cancel: cancel), most / 2, cancel);
        double others = data.Validation is null ? 0 : (double)data.EvaluationLoader(data.Test, options.Training.BatchSize).BatchCount / options.Training.TestFrequency;
        return step * training.BatchCount + evaluation * (options.Training.BatchNormBatches + deciding.BatchCount + others);
    }

    /// <summary>The mean seconds of a batch, which the work disposes, the wait for it included, without the first one, which prepares what the others use.</summary>
    static double PerBatch(IEnumerable<Batch> batches, Action<Batch> work, TimeSpan most, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan first = default;
        int done = 0;
        foreach (Batch batch in batches)
        {
            cancel.ThrowIfCancellationRequested();
            work(batch);
            if (++done == 1) first = clock.Elapsed;
            if (done == Steps || (done >= FewestSteps && clock.Elapsed > most)) break;
        }
        return done == 1 ? first.TotalSeconds : (clock.Elapsed - first).TotalSeconds / (done - 1);
    }

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
