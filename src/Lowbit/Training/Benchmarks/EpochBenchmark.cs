using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Benchmarks;

/// <summary>How long an epoch takes, beside what it consists of.</summary>
/// <param name="Batches">Training batches of the epoch.</param>
/// <param name="EvaluationBatches">Batches of test images that are evaluated after them.</param>
/// <param name="Seconds">The epoch with its evaluation: images read, moved and mirrored, every step, the scores.</param>
/// <param name="StepSeconds">The median training step, on images that are in memory; some steps before the epoch, as many after it.</param>
/// <param name="EvaluationSeconds">The same of a batch that is evaluated.</param>
public sealed record EpochTimes(int Batches, int EvaluationBatches, double Seconds, double StepSeconds, double EvaluationSeconds)
{
    /// <summary>The sum of the epoch's steps, in seconds.</summary>
    public double SumOfSteps => Batches * StepSeconds + EvaluationBatches * EvaluationSeconds;
}

/// <summary>Times an epoch of a run (augmentation and evaluation included) beside its steps alone; scales are learned, no statistics are collected.</summary>
public static class EpochBenchmark
{
    /// <summary>Takes <paramref name="steps"/> steps, an epoch, and as many steps again.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="steps">Steps to measure before and after the epoch.</param>
    /// <param name="report">Is told of batches that are done, and of the time since the epoch's beginning.</param>
    /// <exception cref="LowbitException">The dataset cannot be read, does not fit the model, or the loss is no longer a number.</exception>
    public static EpochTimes Run(RunConfiguration configuration, int steps, Action<int, TimeSpan> report)
    {
        using var scope = NewDisposeScope();
        using DatasetSplits data = Datasets.Open(ConfiguredModel.ImagesFor(configuration));
        MemoryNeed.Require(configuration, data.Info, data.Train.Count);
        using var network = new Network(ConfiguredModel.Build(configuration, data.Info), configuration.Training.UseKernels);
        SingleValues.Refuse(network.Graph, configuration.Training, data.Train.Count);
        using Optimizer optimizer = Optimizer.Create(network, configuration.Optimizer);
        using var sum = new ScoreSum();
        Loss loss = Losses.Create(configuration.Loss);
        using var techniques = new Techniques(configuration, network.Graph, data.Info);
        techniques.Begin(network);
        var trainer = new Trainer(network, loss, optimizer) { Techniques = techniques };
        DataLoader training = data.TrainingLoader(configuration.Training.BatchSize, configuration.Seed.Value);
        DataLoader test = data.EvaluationLoader(data.Test, configuration.Training.BatchSize);
        Batch batch = training.Epoch(0).First();
        network.train();
        network.Calibrate([batch.Images]);

        List<double> stepTimes = [], evaluationTimes = [];
        MeasureSteps();
        var clock = Stopwatch.StartNew();
        trainer.Train(training.Epoch(1), 0, training.BatchCount, _ => configuration.Optimizer.LearningRate, sum, report, CancellationToken.None);
        Evaluation.Of(network, test.Epoch(0), loss);
        double seconds = clock.Elapsed.TotalSeconds;
        MeasureSteps();
        batch.Dispose();
        return new(training.BatchCount, test.BatchCount, seconds, Median(stepTimes), Median(evaluationTimes));

        void MeasureSteps()
        {
            network.train();
            for (int i = 0; i < steps; i++) stepTimes.Add(Seconds(() => trainer.Step(batch, configuration.Optimizer.LearningRate, sum)));
            for (int i = 0; i < steps; i++) evaluationTimes.Add(Seconds(() => Evaluation.Of(network, [Copy(batch)], loss)));
        }
    }

    static Batch Copy(Batch batch) => new(0, batch.Images.alias(), batch.Labels.alias());

    static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
}
