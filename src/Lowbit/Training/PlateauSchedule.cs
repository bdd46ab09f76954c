using System.Globalization;
using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>Lowers the rate, between two epochs, when more than <c>patience</c> epochs bring no improvement, which is one of at least 0.01 %.</summary>
sealed class PlateauSchedule(SchedulerOptions options, double highest, int epochs) : LearningRateSchedule(options, highest, epochs)
{
    const double Improvement = 1e-4;
    const double SmallestChange = 1e-8;

    readonly SchedulerOptions options = options;
    double rate = highest;
    double best = options.Mode == PlateauMode.Min ? double.PositiveInfinity : double.NegativeInfinity;
    int badEpochs;

    public override string State
    {
        get => string.Create(CultureInfo.InvariantCulture, $"{rate:R} {best:R} {badEpochs}");
        set
        {
            if (value.Split(' ') is not [var rateText, var bestText, var badText]
                || !double.TryParse(rateText, CultureInfo.InvariantCulture, out rate) || !double.IsFinite(rate)
                || !double.TryParse(bestText, CultureInfo.InvariantCulture, out best) || double.IsNaN(best)
                || !int.TryParse(badText, CultureInfo.InvariantCulture, out badEpochs))
                throw new LowbitException($"The state of the schedule is not rate, best value and epochs without improvement: {Printable.Short(value)}");
        }
    }

    public override void Rescale(double factor) => rate *= factor;

    private protected override double Scheduled(double done, double step) => rate;

    private protected override void Observe(double loss, double accuracy)
    {
        double metric = options.Mode == PlateauMode.Min ? loss : accuracy;
        bool better = options.Mode == PlateauMode.Min ? metric < best * (1 - Improvement) : metric > best * (1 + Improvement);
        if (better) best = metric;
        badEpochs = better ? 0 : badEpochs + 1;
        if (badEpochs <= options.Patience) return;
        badEpochs = 0;
        double lower = Math.Max(rate * options.Factor, options.MinLr);
        if (rate - lower > SmallestChange) rate = lower;
    }
}
