using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Model">A model's name, with or without <c>quant_</c>.</param>
/// <param name="Quantization">How the quantized variants are quantized.</param>
/// <param name="Input">Channels, height and width of the images.</param>
/// <param name="Batch">Images a step.</param>
public sealed record StepBenchmarkOptions(string Model, QuantizationOptions Quantization, Shape Input, int Batch);

/// <summary>The seconds of one variant's steps, in the order they were taken.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Seconds">One for each measured step.</param>
/// <param name="Profile">Where the time went; null unless asked for.</param>
public sealed record StepTimes(StepVariant Variant, IReadOnlyList<double> Seconds, StepProfile? Profile)
{
    /// <summary>The median of the steps, in seconds.</summary>
    public double Median => Seconds.Order().ElementAt(Seconds.Count / 2);
}

/// <summary>Times whole training steps (forward, loss, backward, optimizer, score) of several variants in turn, on random images.</summary>
public static class StepBenchmark
{
    const int Classes = 10, WarmUp = 3;

    /// <summary>Takes <paramref name="steps"/> measured steps of each variant, alternating, after three that are not measured.</summary>
    /// <exception cref="ConfigurationException">The machine has not the memory for it.</exception>
    public static IReadOnlyList<StepTimes> Run(StepBenchmarkOptions options, IReadOnlyList<StepVariant> variants, int steps, bool profile)
    {
        RequireMemory(options);
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using Batch batch = RandomBatch(options);
        var runs = variants.Select(variant => new Contestant(options, variant, batch, profile)).ToArray();
        for (int step = 0; step < WarmUp + steps; step++)
            foreach (Contestant run in runs) run.Step(batch, measured: step >= WarmUp);
        foreach (Contestant run in runs) run.Dispose();
        return [.. runs.Select(run => run.Times)];
    }

    /// <summary>The graph of a variant.</summary>
    public static Graph GraphOf(StepBenchmarkOptions options, StepVariant variant)
    {
        string name = ModelZoo.IsQuantized(options.Model) ? options.Model[ModelZoo.QuantizedPrefix.Length..] : options.Model;
        return ModelZoo.Build(
            new(variant == StepVariant.Float ? name : ModelZoo.QuantizedPrefix + name, options.Input, Classes) { Normalization = new([128], [64]) },
            ConfiguredModel.Specification(options.Quantization));
    }

    static void RequireMemory(StepBenchmarkOptions options)
    {
        Graph graph = GraphOf(options, StepVariant.Float);
        long bytes = MemoryNeed.OfTrainedWeights(graph, new()) + MemoryNeed.OfActivations(graph, options.Batch), available = MemoryNeed.Available();
        if (bytes > available)
            throw new ConfigurationException([$"a step with {options.Batch} images of {options.Input} takes at least {bytes >> 20:N0} MiB of memory, and {available >> 20:N0} MiB are available; take fewer or smaller images"]);
    }

    static Batch RandomBatch(StepBenchmarkOptions options)
    {
        Tensor images = randint(0, 256, [options.Batch, options.Input.Height, options.Input.Width, options.Input.Channels], ScalarType.Byte).permute(0, 3, 1, 2);
        return new(0, images, randint(0, Classes, [options.Batch], ScalarType.Int64));
    }

    sealed class Contestant : IDisposable
    {
        readonly Network network;
        readonly Optimizer optimizer;
        readonly Trainer trainer;
        readonly ScoreSum score = new();
        readonly List<double> seconds = [];

        public Contestant(StepBenchmarkOptions options, StepVariant variant, Batch batch, bool profile)
        {
            network = new Network(GraphOf(options, variant), useKernels: variant is StepVariant.Quantized or StepVariant.Collecting);
            optimizer = Optimizer.Create(network, new() { WeightDecay = 1e-4, Momentum = 0.9 });
            trainer = new(network, Losses.Create(new()), optimizer);
            network.train();
            if (variant != StepVariant.Collecting) network.Calibrate([batch.Images]);
            Times = new(variant, seconds, profile ? new(network) : null);
        }

        public StepTimes Times { get; }

        public void Step(Batch batch, bool measured)
        {
            var clock = Stopwatch.StartNew();
            if (measured && Times.Profile is { } begun)
            {
                begun.Begin();
                trainer.GradientsFinished = begun.GradientsFinished;
            }
            trainer.Step(batch, learningRate: 0.001, score);
            if (measured) Times.Profile?.End();
            if (measured) seconds.Add(clock.Elapsed.TotalSeconds);
        }

        public void Dispose()
        {
            score.Dispose();
            optimizer.Dispose();
            network.Dispose();
        }
    }
}
