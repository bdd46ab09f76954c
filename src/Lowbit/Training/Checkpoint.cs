using System.Globalization;
using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>How far a run has come.</summary>
/// <param name="Epoch">Epochs that are finished.</param>
/// <param name="Batch">Batches of the next epoch that are finished, too.</param>
/// <param name="Best">The best accuracy so far, 0 to 1; null before the first evaluation.</param>
/// <param name="BestEpoch">The epoch of the best accuracy; 0 before the first evaluation.</param>
public sealed record RunPosition(int Epoch, int Batch, double? Best, int BestEpoch)
{
    /// <summary>Before the first batch.</summary>
    public static RunPosition Start { get; } = new(0, 0, null, 0);
}

/// <summary>
/// A file that holds a network and all that is needed to go on training it: the network's state by name, the optimizer's behind
/// <c>optimizer/</c>, the sums of an unfinished epoch, and as metadata the configuration, the dataset, and how far the run has come.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    const string OptimizerPrefix = "optimizer/", ScoreName = "epoch/sums";

    readonly Safetensors file;

    Checkpoint(string path, Safetensors file) => (Path, this.file) = (path, file);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The configuration of the run.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>The dataset that the network was trained on.</summary>
    public required DatasetInfo Dataset { get; init; }

    /// <summary>How far the run had come.</summary>
    public required RunPosition Position { get; init; }

    /// <summary>What continues the learning rate schedule.</summary>
    internal string Schedule => file.Metadata["schedule"];

    /// <summary>The network's tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => file.Tensors.Where(entry => !entry.Key.Contains('/')).ToDictionary();

    /// <summary>The optimizer's tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OptimizerState => file.Tensors
        .Where(entry => entry.Key.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[OptimizerPrefix.Length..], entry => entry.Value);

    /// <summary>The sums of an unfinished epoch.</summary>
    internal (long Images, Tensor? Sums) ScoreState =>
        (long.Parse(file.Metadata["epoch_images"], CultureInfo.InvariantCulture), file.Tensors.GetValueOrDefault(ScoreName));

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="LowbitException">The file is not there, damaged, or not a checkpoint of Lowbit.</exception>
    public static Checkpoint Read(string path)
    {
        Safetensors file = Safetensors.Read(path);
        string Metadata(string key) => file.Metadata.GetValueOrDefault(key)
            ?? throw new LowbitException($"{path} is not a checkpoint of Lowbit: it does not say its {key}");
        try
        {
            return new(path, file)
            {
                Configuration = ConfigurationReader.Parse(Metadata("configuration"), path).Configuration,
                Dataset = JsonSerializer.Deserialize<DatasetInfo>(Metadata("dataset"))!,
                Position = JsonSerializer.Deserialize<RunPosition>(Metadata("position"))!,
            };
        }
        catch (JsonException problem)
        {
            throw new LowbitException($"{path} is not a checkpoint of this version of Lowbit: {problem.Message}", problem);
        }
    }

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    internal static void Write(
        string path, RunConfiguration configuration, DatasetInfo dataset, RunPosition position,
        IEnumerable<(string Name, Tensor Tensor)> network, Optimizer optimizer, LearningRateSchedule schedule, (long Images, Tensor? Sums) score)
    {
        IEnumerable<(string, Tensor)> tensors = network.Concat(optimizer.State.Select(entry => (OptimizerPrefix + entry.Name, entry.Tensor)));
        if (score.Sums is { } sums) tensors = tensors.Append((ScoreName, sums));
        Safetensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["lowbit_version"] = typeof(Checkpoint).Assembly.GetName().Version!.ToString(3),
            ["epoch"] = position.Epoch.ToString(CultureInfo.InvariantCulture),
            ["best_accuracy"] = position.Best?.ToString("R", CultureInfo.InvariantCulture) ?? "",
            ["position"] = JsonSerializer.Serialize(position),
            ["configuration"] = ConfigurationWriter.Write(configuration),
            ["dataset"] = JsonSerializer.Serialize(dataset),
            ["schedule"] = schedule.State,
            ["epoch_images"] = score.Images.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The network of the run, with the state of this file.</summary>
    /// <exception cref="LowbitException">The state does not fit the configuration's model.</exception>
    public Network BuildNetwork()
    {
        var network = new Network(MemoryNeed.RequireWeights(ConfiguredModel.Build(Configuration, Dataset), Path));
        StateReport.Load(network, State).RequireComplete(Path);
        return network;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in file.Tensors.Values) tensor.Dispose();
    }
}
