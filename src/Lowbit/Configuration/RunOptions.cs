namespace Lowbit.Configuration;

/// <summary>How a run trains a network on a dataset, whatever these are: one record a section, every key with its default.</summary>
public record RunOptions
{
    /// <summary>Where random numbers start.</summary>
    public SeedOptions Seed { get; init; } = new();

    /// <summary>What training makes smaller.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>A trained network to learn from.</summary>
    public DistillationOptions Distillation { get; init; } = new();

    /// <summary>Against weights that jump to and fro between two levels.</summary>
    public OscillationOptions Oscillation { get; init; } = new();

    /// <summary>How long to train, in what portions.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How gradients change the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>How the learning rate changes from epoch to epoch.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();

    /// <summary>Automatic mixed precision.</summary>
    public AmpOptions Amp { get; init; } = new();

    /// <summary>Curves for TensorBoard.</summary>
    [MayChangeOnResume] public TensorboardOptions Tensorboard { get; init; } = new();

    /// <summary>What is shown while training.</summary>
    [MayChangeOnResume] public ProgressOptions Progress { get; init; } = new();

    /// <summary>What a run leaves behind, and where.</summary>
    [MayChangeOnResume] public CheckpointOptions Checkpoint { get; init; } = new();

    /// <summary>The same with a seed: a run without one draws it and keeps it, so that it can be resumed.</summary>
    internal RunOptions WithSeed() => Seed.Enabled ? this : this with { Seed = Seed with { Enabled = true, Value = Random.Shared.Next(int.MaxValue) } };
}
