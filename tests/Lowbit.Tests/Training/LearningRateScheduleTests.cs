using System.Text.Json.Nodes;
using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public class LearningRateScheduleTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, GoldenFiles.Json("training")["schedules"]!.AsArray().Count)];

    [Theory, MemberData(nameof(Cases))]
    public void A_schedule_has_the_rates_that_PyTorch_gives_it(int index)
    {
        JsonNode @case = GoldenFiles.Json("training")["schedules"]![index]!;
        double[] expected = Numbers(@case["lr"])!, metric = Numbers(@case["metric"]) ?? [];
        var schedule = LearningRateSchedule.Create(Options(@case), (double)@case["learning_rate"]!, expected.Length);

        Assert.Equal(expected, RatesOf(schedule, expected.Length, metric), Near);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Warm_up_grows_evenly_before_the_schedule_begins(int index)
    {
        JsonNode @case = GoldenFiles.Json("training")["schedules"]![index]!;
        double highest = (double)@case["learning_rate"]!;
        double[] scheduled = Numbers(@case["lr"])!, metric = Numbers(@case["metric"]) ?? [];
        var schedule = LearningRateSchedule.Create(Options(@case) with { WarmupEpochs = 4 }, highest, scheduled.Length + 4);

        double[] expected = [highest / 4, highest / 2, highest * 3 / 4, highest, .. scheduled];
        double[] shifted = metric.Length == 0 ? [] : [0, 0, 0, 0, .. metric];
        Assert.Equal(expected, RatesOf(schedule, expected.Length, shifted), Near);
    }

    [Fact]
    public void By_steps_the_rate_rises_evenly_and_falls_along_the_cosine_to_nearly_nothing()
    {
        var schedule = LearningRateSchedule.Create(new() { WarmupEpochs = 2 }, 0.1, 10);
        Assert.Equal([0.005, 0.01, 0.015, 0.02], Enumerable.Range(0, 4).Select(batch => schedule.RateOf(1, batch, 10)), Near);
        Assert.Equal(0.1, schedule.RateOf(2, 9, 10), 1e-9);
        foreach (var (epoch, batch) in new[] { (3, 0), (5, 7), (10, 9) })
            Assert.Equal(0.05 * (1 + Math.Cos(Math.PI * (epoch - 3 + batch / 10.0) / 8)), schedule.RateOf(epoch, batch, 10), 1e-12);
        Assert.InRange(schedule.RateOf(10, 9, 10), 0, 1e-4);
    }

    [Theory]
    [InlineData(1, 0.25)]
    [InlineData(3, 0.75)]
    [InlineData(8, 1)]
    [InlineData(200, 1)]
    public void Warm_up_takes_an_epoch_but_at_most_a_quarter_of_all_when_nobody_says_how_long(int epochs, double warmup)
    {
        var schedule = LearningRateSchedule.Create(new(), 0.1, epochs);
        int last = (int)Math.Round(warmup * 100) - 1;
        Assert.Equal(0.1, schedule.RateOf(1, last, 100), 1e-9);
        Assert.True(schedule.RateOf(1, last - 1, 100) < 0.1);
    }

    [Fact]
    public void Parts_of_epochs_leave_drops_where_they_are()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.Step, StepSize = 2, WarmupEpochs = 0 }, 1, 4);
        Assert.Equal([1, 1, 0.1, 0.1], Enumerable.Range(1, 4).Select(epoch => schedule.RateOf(epoch, 9, 10)), Near);
    }

    [Fact]
    public void A_schedule_on_a_plateau_goes_on_from_its_state()
    {
        var options = new SchedulerOptions { Name = SchedulerKind.Plateau, Patience = 1, WarmupEpochs = 0 };
        LearningRateSchedule whole = LearningRateSchedule.Create(options, 0.1, 10), first = LearningRateSchedule.Create(options, 0.1, 10);
        double[] losses = [3, 2, 2, 2, 2, 1, 1, 1, 1, 1];
        double[] rates = RatesOf(whole, 10, losses);
        RatesOf(first, 4, losses);

        var second = LearningRateSchedule.Create(options, 0.1, 10);
        second.State = first.State;

        Assert.Equal(rates[4..], RatesOf(second, 6, losses[4..]));
    }

    static double[] RatesOf(LearningRateSchedule schedule, int epochs, double[] metric)
    {
        var rates = new double[epochs];
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            rates[epoch - 1] = schedule.RateOf(epoch);
            if (metric.Length > 0) schedule.Observe(epoch, metric[epoch - 1], metric[epoch - 1]);
        }
        return rates;
    }

    static bool Near(double expected, double actual) => Math.Abs(expected - actual) <= 1e-9 * Math.Abs(expected);

    static SchedulerOptions Options(JsonNode @case)
    {
        var options = new SchedulerOptions { Name = Enum.Parse<SchedulerKind>((string)@case["name"]!, ignoreCase: true) };
        return options with
        {
            Interval = SchedulerInterval.Epoch,
            TMax = (int?)@case["T_max"],
            EtaMin = (double?)@case["eta_min"] ?? options.EtaMin,
            StepSize = (int?)@case["step_size"] ?? options.StepSize,
            Milestones = @case["milestones"]?.AsArray().Select(epoch => (int)epoch!).ToArray() ?? options.Milestones,
            Gamma = (double?)@case["gamma"] ?? options.Gamma,
            Mode = @case["mode"] is { } mode ? Enum.Parse<PlateauMode>((string)mode!, ignoreCase: true) : options.Mode,
            Factor = (double?)@case["factor"] ?? options.Factor,
            Patience = (int?)@case["patience"] ?? options.Patience,
            MinLr = (double?)@case["min_lr"] ?? options.MinLr,
        };
    }

    static double[]? Numbers(JsonNode? list) => list?.AsArray().Select(value => (double)value!).ToArray();
}
