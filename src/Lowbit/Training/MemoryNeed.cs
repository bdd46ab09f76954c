using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Training;

/// <summary>
/// The bytes that a network takes at least, counted from its graph before any are asked for: a process that asks for more than there are is not
/// told so, but ended by the kernel.
/// </summary>
static class MemoryNeed
{
    /// <summary>Batches that each thread of the loader holds: one in the making, two ready.</summary>
    const int BatchesOfAThread = 3;

    /// <summary>Bytes of all parameters as float32.</summary>
    public static long OfWeights(Graph graph) => graph.Nodes.Sum(node => node.Cost(graph.InputShapes(node)).Parameters) * sizeof(float);

    /// <summary>Bytes to train with: parameters, gradients and what the optimizer remembers.</summary>
    public static long OfTrainedWeights(Graph graph, OptimizerOptions optimizer) => OfWeights(graph)
        * (2 + (optimizer.Name != OptimizerKind.Sgd ? 2 : optimizer.Momentum == 0 ? 0 : 1));

    /// <summary>Bytes that a training step keeps of a batch until its gradients are there: what convolutions, linear layers and batch norms took.</summary>
    public static long OfActivations(Graph graph, int batch) => batch * sizeof(float) * graph.Nodes
        .Where(node => node is IWeighted or BatchNorm or TensorNorm)
        .SelectMany(node => node.Inputs).Distinct().Sum(name => graph.ShapeOf(name).Elements);

    /// <summary>Bytes of memory that are free on this machine, or that its container may still take.</summary>
    public static long Available()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (limit <= 0) limit = long.MaxValue;
        const string Key = "MemAvailable:";
        if (!OperatingSystem.IsLinux() || File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) is not { } found) return limit;
        return Math.Min(limit, long.Parse(found.AsSpan(Key.Length).Trim(" kB"), NumberStyles.None, CultureInfo.InvariantCulture) << 10);
    }

    /// <summary>Refuses a run that the machine has not the memory for.</summary>
    /// <exception cref="ConfigurationException">It takes more than is available: how much, and which key to lower to what.</exception>
    public static void Require(RunConfiguration configuration, DatasetInfo data, int images) => Require(configuration, data, images, Available());

    /// <inheritdoc cref="Require(RunConfiguration, DatasetInfo, int)"/>
    internal static void Require(RunConfiguration configuration, DatasetInfo data, int images, long available)
    {
        int batch = Math.Min(configuration.Training.BatchSize, images);
        long pixels = batch * data.Shape.Elements;
        if (pixels > Array.MaxLength)
            throw new ConfigurationException([$"a batch of {batch} images of {data.Shape} has {pixels} values, and at most {Array.MaxLength} are possible{Advice(configuration, data, images, available)}"]);
        Graph graph = ConfiguredModel.Build(configuration, data);
        long weights = OfTrainedWeights(graph, configuration.Optimizer) + Techniques.Bytes(graph, configuration), rest = OfBatches(graph, configuration, data, batch, images);
        if (weights + rest <= available) return;
        throw new ConfigurationException([$"{configuration.Model.Name} for {data.Shape} images and {graph.ShapeOf(graph.Output.Name)} classes takes at least {Size(weights + rest)} of memory to train"
            + $" ({Size(weights)} for its {(OfWeights(graph) / sizeof(float)).ToString("N0", CultureInfo.InvariantCulture)} parameters, {Size(rest)} for batches of {batch} images),"
            + $" and {Size(available)} are available{Advice(configuration, data, images, available)}"]);
    }

    /// <summary>Refuses a network that the machine has not the memory for.</summary>
    /// <exception cref="LowbitException">It takes more than is available.</exception>
    public static Graph RequireWeights(Graph graph, string name)
    {
        long bytes = OfWeights(graph), available = Available();
        return bytes <= available ? graph : throw new LowbitException($"{name} has parameters of {Size(bytes)}, and {Size(available)} of memory are available");
    }

    static long OfBatches(Graph graph, RunConfiguration configuration, DatasetInfo data, int batch, int images)
    {
        long ahead = Math.Min((long)configuration.Dataset.NumWorkers * BatchesOfAThread, (images + batch - 1) / batch);
        return OfActivations(graph, batch) + (1 + ahead) * batch * data.Shape.Elements;
    }

    /// <summary>The keys that can be lowered, each with the largest value that fits.</summary>
    static string Advice(RunConfiguration configuration, DatasetInfo data, int images, long available)
    {
        (string Key, int Least, int Most, Func<int, bool> Fits)[] keys =
        [
            ("model.num_classes", Math.Max(2, data.Classes.Count), configuration.Model.NumClasses ?? 0,
                value => Fits(configuration with { Model = configuration.Model with { NumClasses = value } }, data, images, available)),
            ("dataset.image_size", 4, configuration.Dataset.ImageSize ?? 0,
                value => Fits(configuration, data with { Height = value, Width = value }, images, available)),
            ("training.batch_size", 1, Math.Min(configuration.Training.BatchSize, images),
                value => Fits(configuration with { Training = configuration.Training with { BatchSize = value } }, data, images, available)),
        ];
        string[] advice = [.. keys.Select(key => (key.Key, Value: LargestThatFits(key.Least, key.Most, key.Fits))).Where(key => key.Value is not null).Select(key => $"{key.Key} to at most {key.Value}")];
        return advice.Length > 0 ? $"; set {string.Join(", or ", advice)}" : "; take a smaller model";
    }

    /// <summary>Searches from above: a network may have a least size of images that it takes.</summary>
    static int? LargestThatFits(int least, int most, Func<int, bool> fits)
    {
        int below = most;
        while (below > least && !fits(below)) below = Math.Max(least, below / 2);
        if (below < least || below == most || !fits(below)) return null;
        for (int above = Math.Min(most, below * 2 + 1); above - below > 1;)
        {
            int middle = below + (above - below) / 2;
            if (fits(middle)) below = middle;
            else above = middle;
        }
        return below;
    }

    static bool Fits(RunConfiguration configuration, DatasetInfo data, int images, long available)
    {
        int batch = Math.Min(configuration.Training.BatchSize, images);
        if (batch * data.Shape.Elements > Array.MaxLength) return false;
        try
        {
            Graph graph = ConfiguredModel.Build(configuration, data);
            return OfTrainedWeights(graph, configuration.Optimizer) + Techniques.Bytes(graph, configuration) + OfBatches(graph, configuration, data, batch, images) <= available;
        }
        catch (GraphException)
        {
            return false;
        }
    }

    static string Size(long bytes) => bytes < 10_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:N1} GB");
}
