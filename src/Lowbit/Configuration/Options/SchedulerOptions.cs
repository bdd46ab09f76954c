using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>How the learning rate changes in the course of training.</summary>
public sealed record SchedulerOptions
{
    readonly double? gamma;

    /// <summary>Which scheduler.</summary>
    public SchedulerKind Name { get; init; } = SchedulerKind.Cosine;

    /// <summary>Whether the learning rate changes with every step or with every epoch; by default with every step.</summary>
    public SchedulerInterval? Interval { get; init; }

    /// <summary>
    /// Epochs, at the beginning, in which the learning rate grows evenly; also parts of one. With every scheduler, which starts after them. All epochs but the
    /// last where there are fewer. By default 1, but at most a quarter of all; none where the rate changes with epochs, of which e of W runs at e/W of it, and with
    /// one_cycle, which rises by itself.
    /// </summary>
    [Range(0.0, 1e6)] public double? WarmupEpochs { get; init; }

    /// <summary>Epochs from the highest learning rate to the lowest; by default <c>training.epochs</c> without <c>scheduler.warmup_epochs</c>.</summary>
    [KeyName("T_max"), OnlyFor(SchedulerKind.Cosine), Range(1, 1_000_000)] public int? TMax { get; init; }

    /// <summary>The lowest learning rate.</summary>
    [OnlyFor(SchedulerKind.Cosine), Range(0.0, 1000.0)] public double EtaMin { get; init; }

    /// <summary>Epochs from one drop to the next.</summary>
    [OnlyFor(SchedulerKind.Step), Range(1, 1_000_000)] public int StepSize { get; init; } = 30;

    /// <summary>Epochs (without those of warm-up) after which the learning rate drops.</summary>
    [OnlyFor(SchedulerKind.Multistep), Range(1, 1_000_000)] public IReadOnlyList<int> Milestones { get; init; } = [100, 150];

    /// <summary>What the learning rate is multiplied by at a drop; by default 0.1 for step and multistep, and 0.95 for exponential.</summary>
    [OnlyFor(SchedulerKind.Step, SchedulerKind.Multistep, SchedulerKind.Exponential), Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Gamma { get => gamma ?? (Name == SchedulerKind.Exponential ? 0.95 : 0.1); init => gamma = value; }

    /// <summary>What plateau watches: the loss, which should fall, or the accuracy, which should rise.</summary>
    [OnlyFor(SchedulerKind.Plateau)] public PlateauMode Mode { get; init; } = PlateauMode.Min;

    /// <summary>What the learning rate is multiplied by on a plateau.</summary>
    [OnlyFor(SchedulerKind.Plateau), Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)] public double Factor { get; init; } = 0.1;

    /// <summary>Epochs without improvement that are put up with.</summary>
    [OnlyFor(SchedulerKind.Plateau), Range(0, 1_000_000)] public int Patience { get; init; } = 10;

    /// <summary>The lowest learning rate.</summary>
    [OnlyFor(SchedulerKind.Plateau), Range(0.0, 1000.0)] public double MinLr { get; init; }

    /// <summary>The part of one_cycle in which the learning rate rises.</summary>
    [OnlyFor(SchedulerKind.OneCycle), Range(0.0, 1.0)] public double PctStart { get; init; } = 0.3;

    /// <summary>The highest learning rate over the first.</summary>
    [OnlyFor(SchedulerKind.OneCycle), Range(1.0, 1e9)] public double DivFactor { get; init; } = 25;

    /// <summary>The first learning rate over the last.</summary>
    [OnlyFor(SchedulerKind.OneCycle), Range(1.0, 1e12)] public double FinalDivFactor { get; init; } = 1e4;
}

/// <summary>How often the learning rate changes.</summary>
public enum SchedulerInterval
{
    /// <summary>With every step.</summary>
    Step,

    /// <summary>With every epoch.</summary>
    Epoch,
}

/// <summary>The schedulers. Their values are those of PyTorch's.</summary>
public enum SchedulerKind
{
    /// <summary>Half a cosine wave down. Loshchilov and Hutter 2016.</summary>
    Cosine,

    /// <summary>A drop every <c>step_size</c> epochs.</summary>
    Step,

    /// <summary>A drop after each of the <c>milestones</c>.</summary>
    Multistep,

    /// <summary>A drop every epoch; by steps an even fall, by as much in an epoch.</summary>
    Exponential,

    /// <summary>A drop when training gets no better. The rate can change after an epoch's evaluation only, whatever <c>interval</c> says; by steps its warm-up is finer.</summary>
    Plateau,

    /// <summary>
    /// Half a cosine wave from highest / <c>div_factor</c> up to the highest rate, half a one from there down to the first / <c>final_div_factor</c>. Momentum stays as it is.
    /// Smith and Topin 2017, "Super-Convergence".
    /// </summary>
    OneCycle,

    /// <summary>The same learning rate throughout.</summary>
    None,
}

/// <summary>What plateau watches.</summary>
public enum PlateauMode
{
    /// <summary>The loss, which should fall.</summary>
    Min,

    /// <summary>The accuracy, which should rise.</summary>
    Max,
}
