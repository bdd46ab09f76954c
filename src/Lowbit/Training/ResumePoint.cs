using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training.Health;

namespace Lowbit.Training;

/// <summary>The checkpoint that a run goes on from, held so that no other run goes on from it at the same time.</summary>
sealed class ResumePoint : IDisposable
{
    readonly Checkpoint checkpoint;

    ResumePoint(Checkpoint checkpoint, RunLock? hold, RunOptions options, IReadOnlyList<string> changes) =>
        (this.checkpoint, Hold, Options, Changes) = (checkpoint, hold, options, changes);

    /// <summary>The checkpoint's file.</summary>
    public string Path => checkpoint.Path;

    /// <summary>The run folder of the checkpoint; null where it lies in none, or nothing is to be written.</summary>
    public RunLock? Hold { get; }

    /// <summary>How far the run had come.</summary>
    public RunPosition Position => checkpoint.Position;

    /// <summary>The options to go on with.</summary>
    public RunOptions Options { get; }

    /// <summary>The network of the run, as it was when it began.</summary>
    public Graph Graph => checkpoint.Graph;

    /// <summary>What it changes of how the run goes on, a sentence each.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>Opens the checkpoint that a configuration asks to continue from; null where it asks for none.</summary>
    /// <param name="asked">The configuration.</param>
    /// <param name="held">The folder of the run, where it is held already.</param>
    /// <exception cref="LowbitException">There is no checkpoint, it is damaged, or another process is training this run.</exception>
    /// <exception cref="ConfigurationException">The configuration changes what must stay as it is.</exception>
    public static ResumePoint? Of(RunOptions asked, RunLock? held = null)
    {
        if (asked.Checkpoint.Resume is not { } path) return null;
        string file = RunFolder.FindCheckpoint(path, preferBest: false);
        RunLock? hold = held ?? (asked.Checkpoint.Enabled && RunFolder.Of(file) is { } folder ? RunLock.Take(folder) : null);
        Checkpoint? checkpoint = null;
        try
        {
            hold?.Folder.RemoveLeftovers();
            checkpoint = Checkpoint.Read(file);
            RunOptions options = ResumedConfiguration.Check(checkpoint.Options, asked, out var changes);
            return new(checkpoint, hold, options, changes);
        }
        catch
        {
            checkpoint?.Dispose();
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a network that is not the one that the run began with.</summary>
    /// <exception cref="ConfigurationException">A node is another.</exception>
    public void RequireSameGraph(Graph graph)
    {
        if (GraphJson.Write(graph) == GraphJson.Write(Graph)) return;
        Node? other = graph.Nodes.Zip(Graph.Nodes).FirstOrDefault(pair => pair.First != pair.Second).First;
        throw new ConfigurationException([$"the network is another than that of {checkpoint.Path}{(other is null ? "" : $", from {other.Name} on")}; continue with the same, or start a new run"]);
    }

    /// <summary>Refuses a dataset that is not the one that the run began with.</summary>
    /// <exception cref="LowbitException">It has other classes, or another number of images within an epoch.</exception>
    public void RequireSameData(DatasetSplits data)
    {
        ClassLists.RequireSame(checkpoint.Dataset, data.Info, checkpoint.Path);
        if (checkpoint.Position is { Batch: > 0, TrainingImages: { } images } position && images != data.Train.Count)
            throw new LowbitException(
                $"{checkpoint.Path} lies within epoch {position.Epoch + 1}, which has {images} training images; {data.Info.Name} has {data.Train.Count} now: continue with the images that it began with, or from a checkpoint of a finished epoch");
    }

    /// <summary>Puts the state of the checkpoint into what the run is made of.</summary>
    /// <returns>How far the run had come, and the results of its finished epochs.</returns>
    /// <exception cref="LowbitException">The state does not fit.</exception>
    public (RunPosition Position, IReadOnlyList<EpochResult> Results) Load(Network network, Optimizer optimizer, LearningRateSchedule schedule, ScoreSum sum, Techniques techniques)
    {
        checkpoint.LoadInto(network);
        techniques.Load(checkpoint.TechniqueState, checkpoint.Path);
        optimizer.Load(checkpoint.OptimizerState, checkpoint.Path);
        sum.State = checkpoint.ScoreState;
        if (checkpoint.Schedule.Length > 0) schedule.State = checkpoint.Schedule;
        schedule.Rescale(Options.Optimizer.LearningRate / checkpoint.Options.Optimizer.LearningRate);
        RunPosition position = checkpoint.Position;
        IReadOnlyList<EpochResult> results = RunFolder.Of(checkpoint.Path) is { } folder ? ResultsIn(folder, position.Epoch) : [];
        checkpoint.Dispose();
        return (position, results);
    }

    static IReadOnlyList<EpochResult> ResultsIn(RunFolder folder, int epochs)
    {
        ILookup<int, LayerHealth> health = HealthFile.Read(folder.Health, epochs);
        return [.. MetricsFile.Read(folder.Metrics, epochs).Select(result => result with { Health = [.. health[result.Epoch]] })];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        checkpoint.Dispose();
        Hold?.Dispose();
    }
}
