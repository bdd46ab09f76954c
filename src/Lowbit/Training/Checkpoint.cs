using System.Globalization;
using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
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
    /// <summary>Epochs of the stages before this one, which its schedule does not count; 0 in a run without stages.</summary>
    public int EarlierEpochs { get; init; }

    /// <summary>Training images of an epoch, among which <see cref="Batch"/> counts; null before the first one.</summary>
    public int? TrainingImages { get; init; }

    /// <summary>Before the first batch.</summary>
    public static RunPosition Start { get; } = new(0, 0, null, 0);
}

/// <summary>
/// A file that holds a network and all that is needed to go on training it: the network's state by name, the optimizer's after
/// <c>optimizer/</c>, that of distillation and the like after <c>training/</c>, the sums of an unfinished epoch, and as metadata the graph and the options as versioned JSON, the dataset, and how far the run has come.
/// Files without a version of their graph are those of Lowbit 0.1, which had the configuration as YAML instead.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    const string OptimizerPrefix = "optimizer/", TechniquePrefix = "training/", ScoreName = "epoch/sums";

    readonly Safetensors file;

    Checkpoint(string path, Safetensors file) => (Path, this.file) = (path, file);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How the run trains.</summary>
    public required RunOptions Options { get; init; }

    /// <summary>The configuration of the run, where a YAML file gave it; null for one of a program.</summary>
    public RunConfiguration? Configuration => Options as RunConfiguration;

    /// <summary>The network as data.</summary>
    public required Graph Graph { get; init; }

    /// <summary>What the network is called: the model's name or, where a program gave the graph, that of the run.</summary>
    public string ModelName => RunFolder.ModelNameOf(Options);

    /// <summary>The dataset that the network was trained on.</summary>
    public required DatasetInfo Dataset { get; init; }

    /// <summary>How far the run had come.</summary>
    public required RunPosition Position { get; init; }

    /// <summary>What continues the learning rate schedule.</summary>
    internal string Schedule { get; init; } = "";

    /// <summary>The network's tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => file.Tensors.Where(entry => !IsReserved(entry.Key)).ToDictionary();

    /// <summary>The optimizer's tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OptimizerState => After(OptimizerPrefix);

    /// <summary>The tensors of what the run does in its steps beside loss and optimizer, by name.</summary>
    internal IReadOnlyDictionary<string, Tensor> TechniqueState => After(TechniquePrefix);

    Dictionary<string, Tensor> After(string prefix) => file.Tensors
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);

    /// <summary>The sums of an unfinished epoch.</summary>
    internal (long Images, Tensor? Sums) ScoreState { get; init; }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="LowbitException">The file is not there, damaged, not a checkpoint of Lowbit, or holds numbers that no training leaves there.</exception>
    public static Checkpoint Read(string path)
    {
        Safetensors file = Safetensors.Read(path);
        try
        {
            var metadata = new CheckpointMetadata(path, file.Metadata);
            if (file.Tensors.Select(entry => StateNumbers.Wrong(entry.Key, entry.Value)).FirstOrDefault(wrong => wrong is not null) is { } wrong)
                throw new LowbitException($"{path} cannot be used: {wrong}; take another checkpoint, from before its training went wrong");
            var (options, dataset) = (metadata.Options, metadata.Dataset);
            Graph graph = metadata.GraphFor(options, dataset);
            Tensor? sums = file.Tensors.GetValueOrDefault(ScoreName);
            return new(path, file)
            {
                Options = options,
                Graph = graph,
                Dataset = dataset,
                Position = metadata.Position,
                Schedule = metadata.Schedule,
                ScoreState = (metadata.RequireImages(sums, graph.ShapeOf(graph.Output.Name).Channels), sums),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The dataset that the tensors of a file were trained on; null where the file does not say.</summary>
    /// <exception cref="LowbitException">What it says is no dataset.</exception>
    internal static DatasetInfo? DatasetOf(Safetensors file, string path)
    {
        try
        {
            return file.Metadata.GetValueOrDefault("dataset") is { } json ? JsonSerializer.Deserialize<DatasetInfo>(json) : null;
        }
        catch (JsonException problem)
        {
            throw new LowbitException($"{path} does not say which dataset it was trained on: {problem.Message}", problem);
        }
    }

    /// <summary>The network that the tensors of a file belong to; null where the file is no checkpoint.</summary>
    /// <exception cref="LowbitException">It is a checkpoint whose network cannot be read.</exception>
    internal static Graph? GraphOf(Safetensors file, string path)
    {
        if (!file.Metadata.ContainsKey("graph") && !file.Metadata.ContainsKey("configuration")) return null;
        var metadata = new CheckpointMetadata(path, file.Metadata);
        return metadata.GraphFor(metadata.Options, metadata.Dataset);
    }

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <exception cref="LowbitException">It would hold numbers that <see cref="Read"/> refuses; an existing file is unchanged.</exception>
    internal static void Write(
        string path, RunOptions options, Graph graph, DatasetInfo dataset, RunPosition position,
        IEnumerable<(string Name, Tensor Tensor)> network, Optimizer optimizer, LearningRateSchedule schedule, (long Images, Tensor? Sums) score,
        IEnumerable<(string Name, Tensor Tensor)>? techniques = null)
    {
        (string Name, Tensor Tensor)[] state = [.. network];
        if (state.FirstOrDefault(entry => IsReserved(entry.Name)).Name is { } reserved)
            throw new LowbitException($"{path} cannot be written: {reserved} begins as the names of a checkpoint's own tensors do; name its node otherwise");
        IEnumerable<(string, Tensor)> tensors = state.Concat(optimizer.State.Select(entry => (OptimizerPrefix + entry.Name, entry.Tensor)))
            .Concat((techniques ?? []).Select(entry => (TechniquePrefix + entry.Name, entry.Tensor)));
        if (score.Sums is { } sums) tensors = tensors.Append((ScoreName, sums));
        (string Name, Tensor Tensor)[] all = [.. tensors];
        if (all.Select(entry => StateNumbers.Wrong(entry.Name, entry.Tensor)).FirstOrDefault(wrong => wrong is not null) is { } wrong)
            throw new LowbitException($"{path} is not written: {wrong}");
        Safetensors.Write(path, all, new Dictionary<string, string>
        {
            ["lowbit_version"] = typeof(Checkpoint).Assembly.GetName().Version!.ToString(3),
            ["epoch"] = position.Epoch.ToString(CultureInfo.InvariantCulture),
            ["best_accuracy"] = position.Best?.ToString("R", CultureInfo.InvariantCulture) ?? "",
            ["position"] = JsonSerializer.Serialize(position),
            ["graph"] = GraphJson.Write(graph),
            ["options"] = RunOptionsJson.Write(options),
            ["dataset"] = JsonSerializer.Serialize(dataset),
            ["schedule"] = schedule.State,
            ["epoch_images"] = score.Images.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The network of the run, with the state of this file.</summary>
    /// <exception cref="LowbitException">The state does not fit the graph, or holds numbers that nothing can be computed from.</exception>
    public Network BuildNetwork()
    {
        RequireMostOf(Graph);
        var network = new Network(MemoryNeed.RequireWeights(Graph, Path));
        try
        {
            LoadInto(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Copies the state of this file into the network of a run.</summary>
    /// <exception cref="LowbitException">It does not fit, or holds numbers that nothing can be computed from.</exception>
    internal void LoadInto(Network network)
    {
        StateReport.Load(network, State).RequireComplete(Path);
        StateNumbers.Require(network, Path);
    }

    /// <summary>Before memory is asked for: what describes the model may be damaged, and name any size.</summary>
    void RequireMostOf(Graph graph)
    {
        const long fewMore = 1 << 22;   // which of so few values are missing is told by name, once the network is there
        long needed = Summary.Of(graph).Parameters, held = State.Values.Sum(tensor => tensor.numel());
        if (needed > held + fewMore) throw new LowbitException($"{Path} does not fit its own model: that has {needed} parameters, and the file holds {held} values");
    }

    static bool IsReserved(string name) => name.StartsWith(OptimizerPrefix, StringComparison.Ordinal) || name.StartsWith(TechniquePrefix, StringComparison.Ordinal) || name == ScoreName;

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
