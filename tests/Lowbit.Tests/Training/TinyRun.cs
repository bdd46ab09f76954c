using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>A real training, of a network that a program gives, that takes a fraction of a second.</summary>
static class TinyRun
{
    const int Images = 160;

    static readonly DatasetInfo Info = new("corners", 1, 8, 8, ["one", "two", "three"], [0.5f], [0.5f]);

    /// <summary>Two convolutions with batch norms and a linear layer, of the given bits or float.</summary>
    public static Graph Network(int? bits = 2, int classes = 3, int size = 8, WeightScale? scale = null)
    {
        GraphBuilder x = new GraphBuilder(new(1, size, size)).Normalize([127.5], [127.5]).ConvBnRelu(8, kernel: 3);
        Graph graph = x.ConvBnRelu(8, kernel: 3).GlobalAveragePool().Linear(classes).ToGraph();
        return bits is { } width ? graph.Quantize(new() { WeightBitWidth = width, ActivationBitWidth = 4, CollectStatisticsSteps = 3, WeightScale = scale }) : graph;
    }

    /// <summary>Noise that is brighter in one of three corners, the same images each time.</summary>
    /// <param name="atRead">Is told of every image that training reads.</param>
    public static DatasetSplits Data(Action? atRead = null)
    {
        var chance = new Random(1);
        byte[] pixels = new byte[Images * 64], labels = new byte[Images];
        chance.NextBytes(pixels);
        for (int i = 0; i < Images; i++)
        {
            labels[i] = (byte)chance.Next(3);
            for (int p = 0; p < 64; p++)
                if (p / 32 == labels[i] / 2 && p % 8 / 4 == labels[i] % 2) pixels[i * 64 + p] = (byte)(128 + pixels[i * 64 + p] / 2);
        }
        var images = new ImagesInMemory(pixels, labels);
        var splits = new DatasetImages(new Watched(images, atRead), images, null);
        return new(Info, splits, splits, new() { NumWorkers = 0 });   // so that it is told when training asks for them
    }

    /// <summary>Options of three epochs of ten steps.</summary>
    public static RunOptions Options(string folder, string name) => new()
    {
        Training = new() { Epochs = 3, BatchSize = 16 },
        Optimizer = new() { LearningRate = 0.02 },
        Checkpoint = new() { Dir = folder, ExperimentName = name },
    };

    /// <summary>Trains without interruption.</summary>
    public static RunFolder Train(RunOptions options, Graph? graph = null, ITrainingObserver? observer = null)
    {
        using DatasetSplits data = Data();
        return TrainingRun.Run(graph ?? Network(), data, options, observer).Folder!;
    }

    /// <summary>Trains until somewhere within the second epoch, and then on to the end.</summary>
    /// <param name="options">The options.</param>
    /// <param name="graph">The network.</param>
    /// <param name="between">Changes the options to continue with.</param>
    public static RunFolder TrainInParts(RunOptions options, Graph? graph = null, Func<RunOptions, RunOptions>? between = null)
    {
        using var source = new CancellationTokenSource();
        int read = 0;
        using DatasetSplits data = Data(() =>
        {
            if (Interlocked.Increment(ref read) == Images * 3 / 2) source.Cancel();
        });
        RunResult first = TrainingRun.Run(graph ?? Network(), data, options, cancel: source.Token);
        Xunit.Assert.True(first.Interrupted);
        Xunit.Assert.InRange(first.Position.Batch, 1, 9);
        options = options with { Checkpoint = options.Checkpoint with { Resume = first.Folder!.Path } };
        return Train(between?.Invoke(options) ?? options, graph);
    }

    sealed class Watched(IImageSource images, Action? atRead) : IImageSource
    {
        public int Count => images.Count;

        public int Label(int index) => images.Label(index);

        public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
        {
            if (augmentation is not null) atRead?.Invoke();   // not where the integers of a network are looked at
            images.Read(index, image, augmentation);
        }
    }
}
