using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>What a run leaves behind, and where.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Whether checkpoints are written.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The folder of all runs; one run's folder is dir/dataset/model_time. <c>~</c> and <c>${VARIABLE}</c> are expanded.</summary>
    [Path] public string Dir { get; init; } = "./experiments";

    /// <summary>The name of the run's folder instead of model_time.</summary>
    [FolderName] public string? ExperimentName { get; init; }

    /// <summary>Epochs from one kept checkpoint to the next; the latest is always there.</summary>
    [Range(1, 1_000_000)] public int SaveFrequency { get; init; } = 10;

    /// <summary>Whether the checkpoint with the best accuracy is kept.</summary>
    public bool SaveBest { get; init; } = true;

    /// <summary>A checkpoint or run folder to continue from. <c>~</c> and <c>${VARIABLE}</c> are expanded.</summary>
    [Path] public string? Resume { get; init; }
}
