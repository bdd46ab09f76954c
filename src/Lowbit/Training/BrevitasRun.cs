using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;

namespace Lowbit.Training;

/// <summary>The result of importing a Brevitas state dict.</summary>
/// <param name="Folder">The run folder, whose latest checkpoint holds all that was found.</param>
/// <param name="State">For each tensor of either side where it went, or why it went nowhere.</param>
public sealed record BrevitasRunResult(RunFolder Folder, BrevitasImport State);

/// <summary>Moves trained networks between Brevitas's state dicts and run folders.</summary>
public static class BrevitasRun
{
    /// <summary>
    /// Makes a run of a state dict, as if it had been trained here: to evaluate, to export, to start from (<c>model.pretrained</c>) and to go on with. What was not
    /// found is left out of the checkpoint, so that nobody takes its initial values for trained ones; <c>model.pretrained</c> takes the rest all the same.
    /// </summary>
    /// <param name="stateFile">The state dict, a safetensors file.</param>
    /// <param name="configuration">The model, its bit widths, and the dataset whose images it takes.</param>
    /// <param name="folder">Where the run is to be, a folder that is not there yet; null for <c>dir/dataset/model_time</c>.</param>
    /// <exception cref="LowbitException">The file is not whole, holds numbers that nothing can be computed from, nothing in it fits the model, or the folder holds something already.</exception>
    public static BrevitasRunResult Import(string stateFile, RunConfiguration configuration, string? folder = null)
    {
        if (folder is not null && string.IsNullOrWhiteSpace(folder)) throw new ConfigurationException(["the run cannot be written to a folder without a name: give the name of a folder"]);
        if (folder is not null && (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())))
            throw new LowbitException($"{folder} is there already; give a folder that is not");
        configuration = (RunConfiguration)EarlierDefaults.Fill(configuration);
        DatasetInfo data = Datasets.Describe(ConfiguredModel.ImagesFor(configuration));
        Graph graph = ConfiguredModel.Build(configuration, data);
        using var network = new Network(MemoryNeed.RequireWeights(graph, configuration.Model.Name));
        using Safetensors source = Safetensors.Read(stateFile);
        BrevitasImport import = BrevitasState.Import(network, source.Tensors);
        StateNumbers.Require(network, stateFile);
        if (import.Matched.Count == 0) throw new LowbitException($"Nothing in {stateFile} fits {configuration.Model.Name}");

        configuration = configuration with { Quantization = configuration.Quantization with { Stages = [] } };   // it goes on as the network that it is
        using RunLock? created = folder is null ? RunFolder.Create(configuration, data.Name, DateTime.Now) : null;
        RunFolder run = created?.Folder ?? new(folder!);
        using var optimizer = Optimizer.Create(network, configuration.Optimizer);
        var schedule = LearningRateSchedule.Create(configuration.Scheduler, configuration.Optimizer.LearningRate, configuration.Training.Epochs);
        AtomicFile.WriteText(run.Configuration, ConfigurationWriter.Write(configuration));
        Checkpoint.Write(run.Latest, configuration, graph, data, RunPosition.Start, Found(network, import), optimizer, schedule, (0, null));
        return new(run, import);
    }

    /// <summary>Writes the network of a run as a Brevitas state dict.</summary>
    /// <param name="run">A run folder (its best checkpoint, else the latest), or a checkpoint file.</param>
    /// <param name="path">The safetensors file to write.</param>
    /// <param name="like">A state dict of the same network whose names and shapes to use, as that which it was imported from; null for Lowbit's names of layers.</param>
    /// <returns>The checkpoint that was written out, and how many tensors it has in Brevitas.</returns>
    /// <exception cref="LowbitException">There is no such run, or <paramref name="like"/> is not a state of its network.</exception>
    public static (string Checkpoint, int Tensors) Export(string run, string path, string? like = null)
    {
        string source = RunFolder.FindCheckpoint(run, preferBest: true);
        OutputFile.Require(path, "the state dict", [(source, "the checkpoint that is exported"), .. like is null ? [] : new[] { (like, "the state dict whose names are used") }]);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using Checkpoint checkpoint = Checkpoint.Read(source);
        using Network network = checkpoint.BuildNetwork();
        var state = (like is null ? BrevitasState.Export(network) : BrevitasState.Export(network, Safetensors.Read(like).Tensors)).ToArray();
        Safetensors.Write(path, state);
        return (checkpoint.Path, state.Length);
    }

    /// <summary>The state of every node but those that something was not found for.</summary>
    static IEnumerable<(string Name, TorchSharp.torch.Tensor Tensor)> Found(Network network, BrevitasImport import)
    {
        HashSet<string> missing = [.. import.Missing.Select(entry => entry.Name)];
        return network.Graph.Nodes
            .Select(node => network.StateOf(node.Name).Select(entry => ($"{node.Name}.{entry.Name}", entry.Tensor)).ToArray())
            .Where(state => !state.Any(entry => missing.Contains(entry.Item1)))
            .SelectMany(state => state);
    }
}
