using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>
/// The learning rate of each step, in the values of PyTorch's schedulers. With <c>interval: epoch</c> it stays the same for an epoch: with <c>warmup_epochs</c>
/// W, epoch e up to W runs at e / W of the highest rate, and epoch W + 1 is the scheduler's first. With <c>interval: step</c> the same formulas take parts of epochs.
/// </summary>
public class LearningRateSchedule
{
    /// <summary>Epochs by which a sum of parts of epochs may be off, and a drop must not be late.</summary>
    const double RoundingError = 1e-9;

    readonly SchedulerOptions options;
    readonly int epochs;
    readonly bool bySteps;
    readonly double warmup;

    private protected LearningRateSchedule(SchedulerOptions options, double highest, int epochs)
    {
        (this.options, Highest, this.epochs) = (options, highest, epochs);
        bySteps = options.Interval is null or SchedulerInterval.Step;
        warmup = WarmupOf(options, epochs);
    }

    /// <summary>Epochs of warm-up, those of the options or what suits the length of the run.</summary>
    internal static double WarmupOf(SchedulerOptions options, int epochs) =>
        options.WarmupEpochs ?? (options.Interval == SchedulerInterval.Epoch || options.Name == SchedulerKind.OneCycle ? 0 : Math.Min(1, epochs / 4.0));

    /// <summary>The schedule that the options describe.</summary>
    /// <param name="options">The scheduler.</param>
    /// <param name="highest">The optimizer's learning rate, from which the schedule starts.</param>
    /// <param name="epochs">Epochs of the whole run.</param>
    public static LearningRateSchedule Create(SchedulerOptions options, double highest, int epochs) =>
        options.Name == SchedulerKind.Plateau ? new PlateauSchedule(options, highest, epochs) : new LearningRateSchedule(options, highest, epochs);

    /// <summary>The learning rate from which the schedule starts.</summary>
    protected double Highest { get; }

    /// <summary>What continues the schedule after an interruption; empty where the epoch says it all.</summary>
    public virtual string State
    {
        get => "";
        set { }
    }

    /// <summary>Takes a continued schedule to another highest learning rate.</summary>
    /// <param name="factor">The new highest rate over the one that <see cref="State"/> comes from.</param>
    public virtual void Rescale(double factor)
    {
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="epoch">Its epoch, counted from 1.</param>
    /// <param name="batch">Its place in the epoch, counted from 0.</param>
    /// <param name="batches">Steps of an epoch.</param>
    public double RateOf(int epoch, int batch, int batches)
    {
        double step = bySteps ? 1.0 / batches : 1, done = epoch - 1 + (bySteps ? batch * step : 0);
        return done + step / 2 < warmup ? Highest * Math.Min(1, (done + step) / warmup) : Scheduled(Math.Max(0, done - warmup), step);
    }

    /// <summary>The learning rate in the middle of an epoch, counted from 1.</summary>
    public double RateOf(int epoch) => options.Name == SchedulerKind.OneCycle ? RateOf(epoch, 512, 1024) : RateOf(epoch, 1, 2);   // of which the first and the last step depend on their number

    /// <summary>Tells the schedule how an epoch ended: the loss and the accuracy (0 to 1) of the evaluation. Only plateau listens.</summary>
    public void Observe(int epoch, double loss, double accuracy)
    {
        if (epoch > warmup) Observe(loss, accuracy);
    }

    private protected virtual void Observe(double loss, double accuracy)
    {
    }

    /// <summary>The scheduler's rate after <paramref name="done"/> of its epochs, of which a step (or, by epochs, an epoch) takes <paramref name="step"/>.</summary>
    private protected virtual double Scheduled(double done, double step) => options.Name switch
    {
        SchedulerKind.Cosine => options.EtaMin + (Highest - options.EtaMin) * (1 + Math.Cos(Math.PI * done / CosineLength)) / 2,
        SchedulerKind.Step => Highest * Math.Pow(options.Gamma, Math.Floor((done + RoundingError) / options.StepSize)),
        SchedulerKind.Multistep => Highest * Math.Pow(options.Gamma, options.Milestones.Count(milestone => milestone <= done + RoundingError)),
        SchedulerKind.Exponential => Highest * Math.Pow(options.Gamma, done),
        SchedulerKind.OneCycle => OneCycle(done / step, (epochs - warmup) / step),
        _ => Highest,
    };

    double CosineLength => options.TMax ?? Math.Max(bySteps ? 0.5 : 1, epochs - warmup);

    /// <summary>The rate of a step, counted from 0: the highest at pct_start * steps - 1, the least at the last one.</summary>
    double OneCycle(double step, double steps)
    {
        double peak = options.PctStart * steps - 1, first = Highest / options.DivFactor;
        return step <= peak && peak > 0
            ? Wave(first, Highest, step / peak)
            : Wave(Highest, first / options.FinalDivFactor, Math.Min(1, (step - peak) / Math.Max(RoundingError, steps - 1 - peak)));
    }

    static double Wave(double from, double to, double done) => to + (from - to) * (1 + Math.Cos(Math.PI * done)) / 2;
}
