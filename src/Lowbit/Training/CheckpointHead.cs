using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;

namespace Lowbit.Training;

/// <summary>What a checkpoint says beside its tensors, which are not read.</summary>
/// <param name="Options">How the run trains.</param>
/// <param name="Graph">The network as data.</param>
/// <param name="Dataset">The dataset that the network was trained on.</param>
/// <param name="Position">How far the run had come.</param>
sealed record CheckpointHead(RunOptions Options, Graph Graph, DatasetInfo Dataset, RunPosition Position)
{
    /// <summary>Reads the head of a checkpoint.</summary>
    /// <exception cref="LowbitException">The file is not there, damaged, or not a checkpoint of Lowbit.</exception>
    public static CheckpointHead Read(string path)
    {
        var metadata = new CheckpointMetadata(path, Safetensors.ReadMetadata(path));
        var (options, dataset) = (metadata.Options, metadata.Dataset);
        return new(options, metadata.GraphFor(options, dataset), dataset, metadata.Position);
    }
}
